"""Measure the figures and print them beside those of the peers."""

from __future__ import annotations

import argparse
import math
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bench.predict
from bench.compare import Benchmark, PeerProcess, run_once
from bench.environments import NotInstalledError
from bench.options import choose_subset
from bench.predict.workload import WORKLOADS

_CPUS = 2
_ROW = "{:<44} {:<9} {:>16}  {}"
_PEAK_MB = 250


@dataclass(frozen=True)
class _Figure:
    """One figure.

    Attributes:
        title: What is measured.
        peers: What it is compared with.
        value: Computes the value from what a pass measured; the best pass counts.
        unit: The unit of the value.
        limit: The goal.
        is_rate: Whether more is better.
    """

    title: str
    peers: tuple[str, ...]
    value: Callable[[Mapping[str, Any]], float]
    unit: str
    limit: str
    is_rate: bool = False


def _microseconds(measured: Mapping[str, Any]) -> float:
    return measured["cpu_seconds"] / measured["rows"] * 1e6


FIGURES = {
    "csv": _Figure(
        "rows of a CSV file to JSON lines",
        ("plain",),
        lambda measured: measured["rows"] / measured["cpu_seconds"],
        "rows/CPU s",
        f"at least 500,000, at most {_PEAK_MB} MB",
        is_rate=True,
    ),
    "one call": _Figure(
        "one call of the command for one row, wall",
        (),
        lambda measured: measured["seconds"] * 1e3,
        "ms",
        "at most 500 on an idle machine",
    ),
    "one dict": _Figure(
        "one dict (plain: the session alone)",
        ("plain", "mlserver"),
        _microseconds,
        "CPU us",
        "at most 2 x plain",
    ),
    "request": _Figure(
        "1,024 rows in JSON, answers in JSON",
        ("plain", "mlserver"),
        _microseconds,
        "CPU us/row",
        "at most 1.5 x plain",
    ),
}


def _measure(peer: str, name: str, benchmark: Benchmark, rounds: int) -> tuple[float, Mapping[str, Any]]:
    """Return the best value of all rounds, and what the last round measured."""
    figure = FIGURES[name]
    best = max if figure.is_rate else min
    with PeerProcess(peer, benchmark) as process:
        values = list[float]()
        measured: Mapping[str, Any] = {}
        for _ in range(rounds):
            measured = process.run_pass(name)
            values.append(figure.value(measured))
    return best(values), measured


def _show(name: str, benchmark: Benchmark, rounds: int) -> None:
    figure = FIGURES[name]
    ours, measured = _measure("headrace", name, benchmark, rounds)
    notes = [figure.limit] if figure.limit else []
    if "peak_mb" in measured["checks"]:
        notes.append(f"peak {measured['checks']['peak_mb']:,.0f} MB")
    if name == "one call":
        notes.append(f"{measured['cpu_seconds'] * 1e3:,.0f} ms of CPU")
    print(_ROW.format(figure.title, "headrace", f"{ours:,.0f} {figure.unit}", ", ".join(notes)), flush=True)
    for peer in figure.peers:
        try:
            value, theirs = _measure(peer, name, benchmark, rounds)
        except NotInstalledError as error:
            print(_ROW.format("", peer, "", f"not installed: {error}"), flush=True)
            continue
        ratio = ours / value
        agree = peer == "mlserver" or math.isclose(
            measured["checks"]["answers"], theirs["checks"]["answers"], rel_tol=1e-6
        )
        what = (
            f"headrace has {ratio:.2f} of its rate"
            if figure.is_rate
            else f"headrace takes {ratio:.2f} as long"
        )
        print(
            _ROW.format(
                "", peer, f"{value:,.0f} {figure.unit}", what if agree else f"{what}; ANSWERS DIFFER"
            ),
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m bench.predict", description=(bench.predict.__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--figures", **choose_subset(list(FIGURES)))
    parser.add_argument("--rounds", type=int, default=3, help="number of passes of each peer")
    parser.add_argument("--workload", choices=list(WORKLOADS), default="housing")
    parser.add_argument("--directory", type=Path, help="folder of the files, which are kept for the next run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as folder:
        cpus = min(_CPUS, len(os.sched_getaffinity(0)))
        directory = options.directory or Path(folder)
        directory.mkdir(parents=True, exist_ok=True)
        benchmark = Benchmark("predict", options.workload, directory, cpus)
        run_once(benchmark, "headrace", "write")
        print(_ROW.format("figure", "peer", "", ""))
        for name in options.figures:
            _show(name, benchmark, options.rounds)


if __name__ == "__main__":
    main()
