"""The table: figures of each peer, Headrace's speedup, and whether the results agree."""

from __future__ import annotations

import math

from bench.compare import Result
from bench.transform.comparisons import Comparison

__all__ = ["header", "lines", "table_line"]

_ROW = "{:<11} {:<12} {:>14} {:>9} {:>8} {:>8} {:>6}  {}"
_CLOSE = 1e-6


def header() -> str:
    """Format the header of the table."""
    return _ROW.format(
        "comparison", "peer", "per second", "seconds", "peak MB", "speedup", "target", "results"
    )


def table_line(name: str, unit: str, result: Result, ours: float, target: float | None, verdict: str) -> str:
    """Format the line of a peer; `ours` is Headrace's rate."""
    speedup = f"{ours / result.rate:.1f}x" if target is not None else ""
    rate, required = f"{result.rate:,.0f} {unit}", "" if target is None else f"{target:g}x"
    seconds = f"{result.seconds:.2f}"
    return _ROW.format(
        name, result.peer, rate, seconds, f"{result.peak_mb:,.0f}", speedup, required, verdict
    ).rstrip()


def lines(name: str, comparison: Comparison, results: list[Result]) -> str:
    """Format a line per peer, Headrace first."""
    ours = results[0]
    return "\n".join(
        table_line(
            name,
            comparison.unit,
            each,
            ours.rate,
            comparison.targets.get(each.peer),
            "" if each is ours else _verdict(comparison, ours, each),
        )
        for each in results
    )


def _verdict(comparison: Comparison, ours: Result, theirs: Result) -> str:
    differing = [
        f"{name} {ours.checks[name]:,.6g} and {value:,.6g}"
        for name, value in theirs.checks.items()
        if not math.isclose(ours.checks[name], value, rel_tol=comparison.tolerance.get(name, _CLOSE))
    ]
    return f"DIFFER: {'; '.join(differing)}" if differing or not theirs.checks else "agree"
