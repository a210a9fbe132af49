"""One side of the comparison: a library that reads and writes record files."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from bench import side
from bench.records.workloads import SHARDS, WORKLOADS

__all__ = ["Side"]


class Side(side.Side):
    """See `bench.side.Side`.

    Attributes:
        shards: How many of the files a pass reads; slow libraries take fewer.
        written_shards: How many shards' rows a pass writes.
        folder: Whose files are read, in the run's directory.
    """

    workloads = WORKLOADS
    shards: ClassVar[int] = SHARDS
    written_shards: ClassVar[int] = SHARDS
    folder: ClassVar[str] = "headrace"

    @property
    def rows(self) -> int:
        """How many a pass writes."""
        return self.workload.rows * self.written_shards // SHARDS

    def files(self) -> list[str]:
        """What a pass reads."""
        found = (self.directory / self.folder).glob(f"{self.workload.name}-*")
        return [str(path) for path in sorted(found)][: self.shards]

    def target(self) -> Path:
        """Where a pass writes to."""
        folder = self.directory / type(self).__module__.rpartition(".")[2]
        folder.mkdir(exist_ok=True)
        return folder / self.workload.name

    def prepare(self, action: str) -> None:
        """See `bench.side.Side`."""
        if action == "write":
            self.load(self.workload.columns(self.rows))

    def clear(self, action: str) -> None:
        """Removes what the last pass wrote.

        Replacing or cutting a file makes ext4 send the new one to the disk at once, and wait for the old: all
        sides would be as fast as the disk.
        """
        if action == "write":
            for path in self.target().parent.glob(f"{self.workload.name}*"):
                path.unlink()

    def act(self, action: str) -> side.Done:
        """See `bench.side.Side`."""
        return side.Done(self.read() if action == "read" else self.write())

    @abstractmethod
    def read(self) -> int:
        """Reads the files to columns, a batch at a time; the number of rows."""

    @abstractmethod
    def load(self, columns: dict[str, Any]) -> None:
        """Takes what is to be written, in the form that suits the library; not timed."""

    @abstractmethod
    def write(self) -> int:
        """Writes what was loaded; the number of rows."""
