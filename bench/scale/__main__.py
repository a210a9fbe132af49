"""Measure the figures and print their table."""

from __future__ import annotations

import argparse
import math
import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import bench.scale
from bench.compare import Benchmark, PeerProcess
from bench.options import choose_subset
from bench.scale.figures import FIGURES

_CPUS = 2
_PEERS = ("duckdb", "polars")
_ROW = "{:<18} {:<10} {:>10} {:>9}  {}"


def _measure(name: str, directory: Path, rounds: int) -> None:
    """Print a line for the figure, and one for each peer or action that it is compared with."""
    figure = FIGURES[name]
    cpus = min(_CPUS, len(os.sched_getaffinity(0)))
    with ExitStack() as stack:
        benchmark = Benchmark("scale", name, directory, cpus)
        ours = stack.enter_context(PeerProcess("headrace", benchmark))
        ours.run_pass(name)  # writes the data, and warms up
        contenders = {"headrace": (ours, name)}
        for other in figure.ratios:
            is_peer = other in _PEERS
            process = stack.enter_context(PeerProcess(other, benchmark)) if is_peer else ours
            contenders[other] = (process, name if is_peer else other)
        seconds = dict.fromkeys(contenders, math.inf)
        checks = dict[str, Mapping[str, float]]()
        for _ in range(rounds):
            for contender, (process, action) in contenders.items():
                measured = process.run_pass(action)
                seconds[contender] = min(seconds[contender], measured["cpu_seconds"])
                checks[contender] = measured["checks"]
        peaks = {
            other: f"{contenders[other][0].result.peak_mb:,.0f}" for other in _PEERS if other in contenders
        }
    limit = "" if figure.seconds is None else f"at most {figure.seconds:g} s"
    print(_ROW.format(name, "headrace", f"{seconds['headrace']:.2f}", f"{ours.result.peak_mb:,.0f}", limit))
    for other, most in figure.ratios.items():
        verdict = f"headrace takes {seconds['headrace'] / seconds[other]:.1f} times as long"
        if math.isfinite(most):
            verdict += f", at most {most:g}"
        if other in _PEERS and not _agree(checks["headrace"], checks[other]):
            verdict += f"; DIFFER: {checks}"
        print(_ROW.format("", other, f"{seconds[other]:.2f}", peaks.get(other, ""), verdict), flush=True)


def _agree(ours: Mapping[str, float], theirs: Mapping[str, float]) -> bool:
    return all(math.isclose(ours[key], theirs[key], rel_tol=1e-6) for key in ours)


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m bench.scale", description=(bench.scale.__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--figures", **choose_subset(list(FIGURES)))
    parser.add_argument("--rounds", type=int, default=3, help="number of passes of each peer")
    parser.add_argument("--directory", type=Path, help="folder of the data, which is kept for the next run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as directory:
        print(_ROW.format("figure", "peer", "CPU s", "peak MB", ""))
        for name in options.figures:
            _measure(name, options.directory or Path(directory), options.rounds)


if __name__ == "__main__":
    main()
