"""Run the peers of a benchmark in parallel processes and time them in alternating rounds."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.environments import ROOT, find_python

__all__ = ["QUIET", "Benchmark", "PeerProcess", "Result", "compare", "run_once"]

_MIN_SECONDS = 0.6  # per round; a fast peer makes several passes
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT / "src")}


@dataclass(frozen=True)
class Benchmark:
    """A workload of a suite, with its files and CPUs.

    Attributes:
        suite: The package in `bench` that contains the peers.
        workload: The name of one of its workloads.
        directory: The directory of the files.
        cpus: Number of CPUs that each peer may use.
    """

    suite: str
    workload: str
    directory: Path
    cpus: int


@dataclass
class Result:
    """The result of a peer.

    Attributes:
        peer: The peer's name.
        rate: Rows per second of the fastest pass.
        seconds: Duration of the fastest pass.
        cpu_per_row: CPU seconds per row of the pass that took the fewest.
        peak_mb: Peak memory of the peer's process.
        checks: Values computed by the last pass, to compare with other peers.
    """

    peer: str
    rate: float = field(default=0.0)
    seconds: float = field(default=0.0)
    cpu_per_row: float = field(default=inf)
    peak_mb: float = field(default=0.0)
    checks: Mapping[str, float] = field(default_factory=dict[str, float])


class PeerProcess:
    """The process of a peer, which makes a pass on request.

    Raises:
        NotInstalledError: The peer's environment cannot be created.
    """

    def __init__(self, peer: str, benchmark: Benchmark) -> None:
        arguments = [benchmark.suite, peer, benchmark.workload, str(benchmark.directory), str(benchmark.cpus)]
        self._process = subprocess.Popen(
            [find_python(peer), "-m", "bench.peer", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **QUIET},
        )
        self.result = Result(peer)

    @property
    def pid(self) -> int:
        """The process ID."""
        return self._process.pid

    def run_pass(self, action: str) -> dict[str, Any]:
        """Make one pass; return its rows, seconds, CPU seconds, peak memory and checks.

        Raises:
            SystemExit: The pass failed.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(action, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.result.peer} failed to {action}; its output is above")
        measured = json.loads(line)
        self._record(measured)
        return measured

    def _record(self, measured: dict[str, Any]) -> None:
        rate = measured["rows"] / measured["seconds"]
        if rate > self.result.rate:
            self.result.rate, self.result.seconds = rate, measured["seconds"]
        if measured["rows"]:  # preparing a peer reads none
            self.result.cpu_per_row = min(self.result.cpu_per_row, measured["cpu_seconds"] / measured["rows"])
        self.result.peak_mb, self.result.checks = measured["peak_mb"], measured["checks"]

    def run_round(self, action: str) -> None:
        """Make passes for at least `_MIN_SECONDS`."""
        seconds = 0.0
        while seconds < _MIN_SECONDS:
            seconds += self.run_pass(action)["seconds"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def compare(
    benchmark: Benchmark, peers: list[str], action: str, rounds: int, once: Collection[str] = ()
) -> list[Result]:
    """Time each peer in each of `rounds` rounds; the peers in `once` only in the first."""
    with ExitStack() as stack:
        processes = [stack.enter_context(PeerProcess(peer, benchmark)) for peer in peers]
        for number in range(rounds):
            for process in processes:
                if not number or process.result.peer not in once:
                    process.run_round(action)
        return [process.result for process in processes]


def run_once(benchmark: Benchmark, peer: str, action: str) -> None:
    """Make one untimed pass, to write files or to warm the page cache."""
    with PeerProcess(peer, benchmark) as process:
        process.run_pass(action)
