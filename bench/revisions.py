"""Compare our own figures with those of another revision, in CPU seconds and alternating rounds.

    git worktree add ../before REVISION && (cd ../before && make setup)
    python -m bench.revisions ../before
    python -m bench.revisions ../before --rounds 11 --figures records.tabular.read transform.table.table

Each figure is the CPU time per row, of all threads. The speed is the ratio before / after per round, as mean
and 95% interval (bootstrap over the rounds); below 1 is slower than before. Exits with 1 if the interval of a
figure lies below 0.95. Both revisions run the workloads of this one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bench.compare import QUIET
from bench.environments import ROOT
from bench.options import choose_subset
from bench.records.workloads import WORKLOADS
from bench.transform.comparisons import COMPARISONS

_MIN_SECONDS = 0.6  # of CPU time per round
_SLOWER = 0.95
_RESAMPLES = 10_000
# An editable install finds its own checkout before sys.path, so its finder is removed.
_START = """
import runpy, sys
sys.meta_path[:] = [each for each in sys.meta_path if "Redirect" not in type(each).__name__]
sys.path[:0] = sys.argv[1:3]
del sys.argv[1:3]
runpy.run_module("bench.peer", run_name="__main__", alter_sys=True)
"""


class Figure(NamedTuple):
    """One of our own figures."""

    suite: str
    workload: str
    action: str
    cpus: int

    def __str__(self) -> str:
        return f"{self.suite}.{self.workload}.{self.action} on {self.cpus}"


class Comparison(NamedTuple):
    """CPU nanoseconds per row before and after, the speed ratio and its interval, peak memory."""

    before: float
    after: float
    speed: float
    low: float
    high: float
    before_mb: float
    after_mb: float


def list_figures() -> Iterator[Figure]:
    """Yield the figures of `make bench-records` and `make bench-transform`."""
    available = len(os.sched_getaffinity(0))
    for workload in WORKLOADS:
        for action in ("read", "write"):
            for cpus in (1, 2):
                if cpus <= available:
                    yield Figure("records", workload, action, cpus)
    for each in COMPARISONS.values():
        if "tftransform" not in each.targets:  # the figure of Beam is the same as that of the table
            yield Figure("transform", each.workload, each.action, min(2, available))


class _Process:
    def __init__(self, checkout: Path, figure: Figure, directory: Path) -> None:
        arguments = [figure.suite, "headrace", figure.workload, str(directory), str(figure.cpus)]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, str(checkout / "src"), str(ROOT), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **QUIET, "PYTHONPATH": ""},
        )

    def run_pass(self, action: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(action, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"failed to {action}; its output is above")
        return json.loads(line)

    def run_round(self, action: str) -> tuple[float, float]:
        """Make passes for a while; return CPU nanoseconds per row, and peak MB.

        The number of passes depends on CPU time: the first passes of a process are the slowest, and a pass
        that waits for the disk would leave time for fewer.
        """
        cpu_seconds = rows = peak = 0.0
        while cpu_seconds < _MIN_SECONDS:
            measured = self.run_pass(action)
            cpu_seconds += measured["cpu_seconds"]
            rows += measured["rows"]
            peak = measured["peak_mb"]
        return cpu_seconds / rows * 1e9, peak

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@contextmanager
def _started(checkout: Path, figure: Figure, directory: Path) -> Iterator[_Process]:
    process = _Process(checkout, figure, directory)
    try:
        yield process
    finally:
        process.close()


def compare_revisions(before: Path, figure: Figure, directory: Path, rounds: int) -> Comparison:
    """Measure a figure in both checkouts, in alternating order, in a new process each time.

    Two processes of the same code differ by several percent for as long as they live.
    """
    _write_input(before, figure, directory)
    times: list[list[float]] = [[], []]
    peaks = [0.0, 0.0]
    for number in range(rounds):
        for which in (0, 1) if number % 2 == 0 else (1, 0):
            with _started((before, ROOT)[which], figure, directory) as process:
                process.run_pass(figure.action)  # warm
                cpu, peaks[which] = process.run_round(figure.action)
            times[which].append(cpu)
    ratios = [first / second for first, second in zip(*times, strict=True)]
    low, high = _interval(ratios)
    before_ns, after_ns = map(statistics.median, times)
    return Comparison(before_ns, after_ns, statistics.mean(ratios), low, high, *peaks)


def _write_input(checkout: Path, figure: Figure, directory: Path) -> None:
    reads_files = figure.action == "read" or figure.workload == "table"
    if reads_files and not list(directory.glob(f"**/{figure.workload}*")):
        with _started(checkout, figure, directory) as process:
            process.run_pass("write")


def _interval(ratios: Sequence[float]) -> tuple[float, float]:
    generator = random.Random(0)
    means = sorted(statistics.mean(generator.choices(ratios, k=len(ratios))) for _ in range(_RESAMPLES))
    return means[_RESAMPLES // 40], means[-_RESAMPLES // 40]


def main() -> None:
    figures = {f"{each.suite}.{each.workload}.{each.action}" for each in list_figures()}
    parser = argparse.ArgumentParser("python -m bench.revisions", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("before", type=Path, help="a checkout of another revision, its kernels built")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--figures", **choose_subset(sorted(figures)))
    options = parser.parse_args()
    slower = 0
    print("| figure | CPU ns/row before | after | speed | 95% interval | peak MB before | after |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as directory:
        for figure in list_figures():
            if f"{figure.suite}.{figure.workload}.{figure.action}" not in options.figures:
                continue
            found = compare_revisions(options.before.resolve(), figure, Path(directory), options.rounds)
            slower += found.high < _SLOWER
            print(
                f"| {figure} | {found.before:,.0f} | {found.after:,.0f} | {found.speed:.3f} "
                f"| {found.low:.3f} to {found.high:.3f} | {found.before_mb:,.0f} | {found.after_mb:,.0f} |",
                flush=True,
            )
    print(f"{slower} figures are slower" if slower else "nothing is slower")
    sys.exit(1 if slower else 0)


if __name__ == "__main__":
    main()
