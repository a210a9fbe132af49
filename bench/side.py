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
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, ClassVar, NamedTuple

__all__ = ["Done", "Side"]


class Done(NamedTuple):
    """What a pass did.

    Attributes:
        rows: How many rows it went over.
        answer: Tells what it found, for comparison with other sides; not timed.
    """

    rows: int
    answer: Callable[[], Mapping[str, float]] = dict


class Side(ABC):
    """What a library does with a workload, as its users would do it best.

    Attributes:
        workloads: All there are, by name.
    """

    workloads: ClassVar[Mapping[str, Any]]

    def __init__(self, workload: str, directory: Path, processors: int) -> None:
        self.workload = self.workloads[workload]
        self.directory = directory
        self.processors = processors

    @abstractmethod
    def prepare(self, action: str) -> None:
        """Whatever a pass needs and is not timed; called once an action."""

    def clear(self, action: str) -> None:  # noqa: B027
        """Puts back what a pass found before it; called before each, and not timed."""

    @abstractmethod
    def act(self, action: str) -> Done:
        """One pass."""


def _pass(side: Side, action: str) -> dict[str, Any]:
    side.clear(action)
    begin = time.perf_counter()
    done = side.act(action)
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rows": done.rows, "seconds": seconds, "peak_mb": peak, "answer": done.answer()}


def _serve(side: Side, answers: IO[str]) -> None:
    prepared: set[str] = set()
    for line in sys.stdin:
        action = line.strip()
        if action not in prepared:
            side.prepare(action)
            prepared.add(action)
        print(json.dumps(_pass(side, action)), file=answers, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench")
    parser.add_argument("peer")
    parser.add_argument("workload")
    parser.add_argument("directory", type=Path)
    parser.add_argument("processors", type=int)
    options = parser.parse_args()
    # Before the library starts its threads: it sees this many processors.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.processors])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries that print do not disturb the answers
    peer = importlib.import_module(f"bench.{options.bench}.peers.{options.peer}")
    _serve(peer.SIDE(options.workload, options.directory, options.processors), answers)


if __name__ == "__main__":
    main()
