"""Run the comparison and print its table."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import bench.records
from bench.compare import Benchmark, compare, run_once
from bench.options import choose_subset
from bench.records.limits import limits
from bench.records.peers import PEERS
from bench.records.report import header, limits_line, rows
from bench.records.workloads import WORKLOADS


def _bytes_each(directory: Path, workload: str) -> float:
    sizes = [path.stat().st_size for path in (directory / "headrace").glob(f"{workload}-*.tfrecord")]
    return sum(sizes) / WORKLOADS[workload].rows


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m bench.records", description=bench.records.__doc__.splitlines()[0]
    )
    parser.add_argument("--workloads", **choose_subset(WORKLOADS))
    parser.add_argument("--peers", **choose_subset(PEERS))
    parser.add_argument("--actions", **choose_subset(["read", "write"]))
    parser.add_argument(
        "--cpus", nargs="+", type=int, default=[1, 2], help="number of CPUs that each peer may use"
    )
    parser.add_argument("--rounds", type=int, default=4, help="number of rounds of each peer")
    return parser.parse_args()


def _compare(options: argparse.Namespace, directory: Path) -> None:
    bounds = {cpus: limits(cpus) for cpus in options.cpus}
    for cpus, bound in bounds.items():
        print(limits_line(cpus, bound))
    print(header())
    peers = ["headrace", *options.peers]
    for workload in options.workloads:
        for owner in {"headrace", "parquet"} & set(peers):
            run_once(Benchmark("records", workload, directory, os.cpu_count() or 1), owner, "write")
        each = _bytes_each(directory, workload)
        for action in options.actions:
            for cpus, bound in bounds.items():
                benchmark = Benchmark("records", workload, directory, cpus)
                results = compare(benchmark, peers, action, options.rounds)
                print(rows(workload, action, cpus, results, each, bound), flush=True)
        for path in directory.glob(f"*/{workload}*"):
            path.unlink()


def main() -> None:
    options = _options()
    available = len(os.sched_getaffinity(0))
    options.cpus = [count for count in options.cpus if count <= available]
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as directory:
        _compare(options, Path(directory))


if __name__ == "__main__":
    main()
