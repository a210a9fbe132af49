"""Runs the comparison and prints its table."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import bench.records
from bench.contest import Event, contest, run_once
from bench.options import several
from bench.records.limits import limits
from bench.records.peers import PEERS
from bench.records.report import heading, limits_line, rows
from bench.records.workloads import WORKLOADS


def _bytes_each(directory: Path, workload: str) -> float:
    sizes = [path.stat().st_size for path in (directory / "headrace").glob(f"{workload}-*.tfrecord")]
    return sum(sizes) / WORKLOADS[workload].rows


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m bench.records", description=bench.records.__doc__.splitlines()[0]
    )
    parser.add_argument("--workloads", **several(WORKLOADS))
    parser.add_argument("--peers", **several(PEERS))
    parser.add_argument("--actions", **several(["read", "write"]))
    parser.add_argument(
        "--processors", nargs="+", type=int, default=[1, 2], help="how many each side may use"
    )
    parser.add_argument("--rounds", type=int, default=4, help="turns of each side")
    return parser.parse_args()


def _compare(options: argparse.Namespace, directory: Path) -> None:
    bounds = {processors: limits(processors) for processors in options.processors}
    for processors, bound in bounds.items():
        print(limits_line(processors, bound))
    print(heading())
    sides = ["headrace", *options.peers]
    for workload in options.workloads:
        for owner in {"headrace", "parquet"} & set(sides):
            run_once(Event("records", workload, directory, os.cpu_count() or 1), owner, "write")
        each = _bytes_each(directory, workload)
        for action in options.actions:
            for processors, bound in bounds.items():
                event = Event("records", workload, directory, processors)
                results = contest(event, sides, action, options.rounds)
                print(rows(workload, action, processors, results, each, bound), flush=True)
        for path in directory.glob(f"*/{workload}*"):
            path.unlink()


def main() -> None:
    options = _options()
    available = len(os.sched_getaffinity(0))
    options.processors = [count for count in options.processors if count <= available]
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as directory:
        _compare(options, Path(directory))


if __name__ == "__main__":
    main()
