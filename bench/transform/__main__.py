"""Run the comparisons and print their table."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import bench.transform
from bench.compare import Benchmark, compare, run_once
from bench.options import choose_subset
from bench.transform.comparisons import COMPARISONS, SLOW
from bench.transform.report import header, lines

_CPUS = 2


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m bench.transform", description=bench.transform.__doc__.splitlines()[0]
    )
    parser.add_argument("--comparisons", **choose_subset(list(COMPARISONS)))
    parser.add_argument("--rounds", type=int, default=3, help="number of rounds of each peer")
    parser.add_argument("--directory", type=Path, help="folder of the table, which is kept for the next run")
    return parser.parse_args()


def _benchmark(workload: str, directory: Path) -> Benchmark:
    return Benchmark("transform", workload, directory, min(_CPUS, len(os.sched_getaffinity(0))))


def _compare(name: str, directory: Path, rounds: int) -> None:
    comparison = COMPARISONS[name]
    benchmark = _benchmark(comparison.workload, directory)
    if comparison.action == "table" and not list(directory.glob("table-10000000.parquet")):
        run_once(benchmark, "headrace", "write")
    peers = ["headrace", *comparison.targets]
    results = compare(benchmark, peers, comparison.action, rounds, once=SLOW)
    print(lines(name, comparison, results), flush=True)


def _run(options: argparse.Namespace, directory: Path) -> None:
    print(header())
    for name in options.comparisons:
        _compare(name, directory, options.rounds)


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as directory:
        _run(options, options.directory or Path(directory))


if __name__ == "__main__":
    main()
