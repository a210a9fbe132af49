"""Runs the comparison and prints its table."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import bench.records
from bench.records.contest import contest, limits, run_once
from bench.records.environments import PEERS
from bench.records.report import heading, limits_line, rows
from bench.records.workloads import WORKLOADS


def _bytes_each(directory: Path, workload: str) -> float:
    sizes = [path.stat().st_size for path in (directory / "headrace").glob(f"{workload}-*.tfrecord")]
    return sum(sizes) / WORKLOADS[workload].rows


def _list(choices: list[str]) -> dict[str, object]:
    return {"nargs": "+", "choices": choices, "default": choices, "metavar": "NAME"}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m bench.records", description=bench.records.__doc__.splitlines()[0]
    )
    parser.add_argument("--workloads", **_list(list(WORKLOADS)), help=f"of {', '.join(WORKLOADS)}")
    parser.add_argument("--peers", **_list(list(PEERS[1:])), help=f"of {', '.join(PEERS[1:])}")
    parser.add_argument("--actions", **_list(["read", "write"]), help="read, write")
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
            run_once(owner, workload, "write", directory)
        each = _bytes_each(directory, workload)
        for action in options.actions:
            for processors, bound in bounds.items():
                results = contest(sides, workload, action, directory, processors, options.rounds)
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
