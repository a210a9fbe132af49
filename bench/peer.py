"""A peer of a comparison: a process in its library's environment that makes passes on request."""

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

from bench.process_tree import cpu_seconds

__all__ = ["PassResult", "Peer"]


class PassResult(NamedTuple):
    """The result of a pass.

    Attributes:
        rows: Number of rows processed.
        checks: Computes values to compare with other peers; not timed.
    """

    rows: int
    checks: Callable[[], Mapping[str, float]] = dict


class Peer(ABC):
    """A library's implementation of the workloads, as its documentation recommends.

    Attributes:
        workloads: The workloads by name.
    """

    workloads: ClassVar[Mapping[str, Any]]

    def __init__(self, workload: str, directory: Path, cpus: int) -> None:
        self.workload = self.workloads[workload]
        self.directory = directory
        self.cpus = cpus

    @abstractmethod
    def prepare(self, action: str) -> None:
        """Prepare the passes of an action; called once per action, not timed."""

    def clear(self, action: str) -> None:  # noqa: B027
        """Undo the effects of the previous pass; called before each pass, not timed."""

    @abstractmethod
    def run(self, action: str) -> PassResult:
        """Make one pass."""


def _measure(peer: Peer, action: str) -> dict[str, Any]:
    peer.clear(action)
    cpu_begin, begin = cpu_seconds(), time.perf_counter()
    result = peer.run(action)
    seconds = time.perf_counter() - begin
    cpu = cpu_seconds() - cpu_begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "rows": result.rows,
        "seconds": seconds,
        "cpu_seconds": cpu,
        "peak_mb": peak,
        "checks": result.checks(),
    }


def _serve(peer: Peer, output: IO[str]) -> None:
    prepared: set[str] = set()
    for line in sys.stdin:
        action = line.strip()
        if action not in prepared:
            peer.prepare(action)
            prepared.add(action)
        print(json.dumps(_measure(peer, action)), file=output, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite")
    parser.add_argument("peer")
    parser.add_argument("workload")
    parser.add_argument("directory", type=Path)
    parser.add_argument("cpus", type=int)
    options = parser.parse_args()
    # Before the library starts its threads, so that it sees only these CPUs.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cpus])
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes to stderr
    module = importlib.import_module(f"bench.{options.suite}.peers.{options.peer}")
    _serve(module.PEER(options.workload, options.directory, options.cpus), output)


if __name__ == "__main__":
    main()
