"""A peer that reads and writes record files."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from bench import peer
from bench.records.workloads import SHARDS, WORKLOADS

__all__ = ["RecordPeer"]


class RecordPeer(peer.Peer):
    """See `bench.peer.Peer`.

    Attributes:
        shards: Number of files that a pass reads; smaller for slow libraries.
        written_shards: Number of shards that a pass writes.
        folder: The folder of the files to read, in the benchmark's directory.
    """

    workloads = WORKLOADS
    shards: ClassVar[int] = SHARDS
    written_shards: ClassVar[int] = SHARDS
    folder: ClassVar[str] = "headrace"

    @property
    def rows(self) -> int:
        """Number of rows that a pass writes."""
        return self.workload.rows * self.written_shards // SHARDS

    def files(self) -> list[str]:
        """List the files that a pass reads."""
        found = (self.directory / self.folder).glob(f"{self.workload.name}-*")
        return [str(path) for path in sorted(found)][: self.shards]

    def target(self) -> Path:
        """Return the base name that a pass writes to."""
        folder = self.directory / type(self).__module__.rpartition(".")[2]
        folder.mkdir(exist_ok=True)
        return folder / self.workload.name

    def prepare(self, action: str) -> None:
        """See `bench.peer.Peer`."""
        if action == "write":
            self.load(self.workload.columns(self.rows))

    def clear(self, action: str) -> None:
        """Remove the files of the last pass.

        Replacing or truncating a file makes ext4 flush the new file to disk at once and wait for the old one,
        so that every peer would be as fast as the disk.
        """
        if action == "write":
            for path in self.target().parent.glob(f"{self.workload.name}*"):
                path.unlink()

    def run(self, action: str) -> peer.PassResult:
        """See `bench.peer.Peer`."""
        return peer.PassResult(self.read() if action == "read" else self.write())

    @abstractmethod
    def read(self) -> int:
        """Read the files to columns, a batch at a time; return the number of rows."""

    @abstractmethod
    def load(self, columns: dict[str, Any]) -> None:
        """Convert the columns to write to the library's input; not timed."""

    @abstractmethod
    def write(self) -> int:
        """Write the loaded columns; return the number of rows."""
