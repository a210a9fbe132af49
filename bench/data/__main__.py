"""Run the comparisons and print their tables."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import bench.data
from bench.compare import Benchmark
from bench.data.comparisons import COMPARISONS, RANKED, RESUMED, Contender
from bench.data.measure import measure, write_files
from bench.data.report import comparison_lines, header, rank_lines, resume_lines
from bench.options import choose_subset

_CPUS = 2
_PERCENTS = (10, 50, 90)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m bench.data", description=(bench.data.__doc__ or "").splitlines()[0]
    )
    peers = dict.fromkeys(each.peer for one in COMPARISONS.values() for each in one.contenders)
    parser.add_argument("--comparisons", **choose_subset([*COMPARISONS, "resume", "rank"]))
    parser.add_argument("--peers", **choose_subset(peers))
    parser.add_argument("--rounds", type=int, default=3, help="number of rounds of each contender")
    parser.add_argument("--rows", type=int, help="number of rows of every workload, to try the benchmark")
    parser.add_argument("--no-memory", action="store_true", help="do not measure peak memory")
    return parser.parse_args()


class _Suite:
    """The comparisons that the options ask for."""

    def __init__(self, options: argparse.Namespace, directory: Path) -> None:
        self._options = options
        self._directory = directory
        self._failures: dict[str, dict[str, str]] = {}

    def _benchmark(self, workload: str) -> Benchmark:
        rows = f":{self._options.rows}" if self._options.rows else ""
        cpus = min(_CPUS, len(os.sched_getaffinity(0)))
        return Benchmark("data", workload + rows, self._directory, cpus)

    def _chosen(self, contenders: tuple[Contender, ...]) -> list[Contender]:
        return [each for each in contenders if each.peer in ("headrace", *self._options.peers)]

    def _write(self, workload: str, contenders: list[Contender]) -> dict[str, str]:
        """Write the files of a workload, once for all comparisons."""
        if workload not in self._failures:
            peers = [each.peer for each in contenders]
            self._failures[workload] = write_files(self._benchmark(workload), peers)
        return self._failures[workload]

    def compare(self, name: str) -> None:
        """Print the lines of one comparison."""
        comparison = COMPARISONS[name]
        contenders = self._chosen(comparison.contenders)
        failures = self._write(comparison.workload, contenders)
        benchmark = self._benchmark(comparison.workload)
        rounds, memory = self._options.rounds, not self._options.no_memory
        found = measure(benchmark, contenders, "epoch", rounds, failures, memory)
        print(f"{name}: {comparison.title}")
        print(comparison_lines(name, comparison, found), flush=True)

    def resume(self) -> None:
        """Print the time from a saved state to the first batch."""
        contenders = self._chosen(RESUMED)
        failures = self._write("images", self._chosen(COMPARISONS["images"].contenders))
        benchmark = self._benchmark("images")
        epoch = measure(benchmark, contenders[:1], "epoch", 1, failures)[0]
        for percent in _PERCENTS:
            found = measure(benchmark, contenders, f"resume {percent}", self._options.rounds, failures)
            print(resume_lines(percent, found, 0.0 if epoch.failure else epoch.seconds), flush=True)

    def rank(self) -> None:
        """Print the cost of one rank of eight."""
        for workload, variants in RANKED.items():
            whole = self._chosen(tuple(Contender(peer, variant) for peer, variant in variants.items()))
            ranks = [Contender(each.peer, "rank") for each in whole]
            failures = self._write(workload, self._chosen(COMPARISONS[workload].contenders))
            benchmark = self._benchmark(workload)
            found = measure(benchmark, [*whole, *ranks], "epoch", self._options.rounds, failures)
            print(rank_lines(workload, found[: len(whole)], found[len(whole) :]), flush=True)


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as directory:
        suite = _Suite(options, Path(directory))
        print(header())
        for name in options.comparisons:
            if name in COMPARISONS:
                suite.compare(name)
        if "resume" in options.comparisons:
            suite.resume()
        if "rank" in options.comparisons:
            suite.rank()


if __name__ == "__main__":
    main()
