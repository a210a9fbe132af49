"""One side of a comparison: a process in its library's environment that does a pass when it is told to."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO, Any, ClassVar

from bench.records.workloads import SHARDS, WORKLOADS, Workload

__all__ = ["Side"]


class Side(ABC):
    """What a library does with a workload, as its users would do it best.

    Attributes:
        shards: How many of the files a pass reads; slow libraries take fewer.
        written_shards: How many shards' rows a pass writes.
        folder: Whose files are read, in the run's directory.
    """

    shards: ClassVar[int] = SHARDS
    written_shards: ClassVar[int] = SHARDS
    folder: ClassVar[str] = "headrace"

    def __init__(self, workload: Workload, directory: Path) -> None:
        self.workload = workload
        self.directory = directory

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

    @abstractmethod
    def read(self) -> int:
        """Reads the files to columns, a batch at a time; the number of rows."""

    @abstractmethod
    def load(self, columns: dict[str, Any]) -> None:
        """Takes what is to be written, in the form that suits the library; not timed."""

    @abstractmethod
    def write(self) -> int:
        """Writes what was loaded; the number of rows."""


def _pass(side: Side, action: str) -> dict[str, float]:
    begin = time.perf_counter()
    rows = side.read() if action == "read" else side.write()
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "rows": rows, "peak_mb": peak}


def _serve(side: Side, answers: IO[str]) -> None:
    loaded = False
    for line in sys.stdin:
        action = line.strip()
        if action == "write" and not loaded:
            side.load(side.workload.columns(side.rows))
            loaded = True
        print(json.dumps(_pass(side, action)), file=answers, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer")
    parser.add_argument("workload", choices=list(WORKLOADS))
    parser.add_argument("directory", type=Path)
    parser.add_argument("processors", type=int)
    options = parser.parse_args()
    # Before the library starts its threads: it sees this many processors.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.processors])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries that print do not disturb the answers
    peer = importlib.import_module(f"bench.records.peers.{options.peer}")
    _serve(peer.SIDE(WORKLOADS[options.workload], options.directory), answers)


if __name__ == "__main__":
    main()
