"""Runs the comparisons and prints their table."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import bench.transform
from bench.contest import Event, contest, run_once
from bench.options import several
from bench.transform.contests import CONTESTS, SLOW
from bench.transform.report import heading, lines

_PROCESSORS = 2


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m bench.transform", description=bench.transform.__doc__.splitlines()[0]
    )
    parser.add_argument("--contests", **several(list(CONTESTS)))
    parser.add_argument("--rounds", type=int, default=3, help="turns of each side")
    parser.add_argument("--directory", type=Path, help="where the table lies, or is left for the next run")
    return parser.parse_args()


def _event(workload: str, directory: Path) -> Event:
    return Event("transform", workload, directory, min(_PROCESSORS, len(os.sched_getaffinity(0))))


def _compete(name: str, directory: Path, rounds: int) -> None:
    each = CONTESTS[name]
    event = _event(each.workload, directory)
    if each.action == "table" and not list(directory.glob("table-10000000.parquet")):
        run_once(event, "headrace", "write")
    results = contest(event, ["headrace", *each.bars], each.action, rounds, once=SLOW)
    print(lines(name, each, results), flush=True)


def _run(options: argparse.Namespace, directory: Path) -> None:
    print(heading())
    for name in options.contests:
        _compete(name, directory, options.rounds)


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as directory:
        _run(options, options.directory or Path(directory))


if __name__ == "__main__":
    main()
