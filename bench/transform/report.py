"""What the contests found: each side's figures, how far we are ahead, and whether the sides agree."""

from __future__ import annotations

import math

from bench.contest import Result
from bench.transform.contests import Contest

__all__ = ["heading", "lines", "table_line"]

_ROW = "{:<11} {:<12} {:>14} {:>9} {:>8} {:>8} {:>6}  {}"
_CLOSE = 1e-6


def heading() -> str:
    """The line over the table."""
    return _ROW.format("contest", "side", "a second", "seconds", "peak MB", "we are", "bar", "answers")


def table_line(name: str, unit: str, result: Result, ours: float, bar: float | None, verdict: str) -> str:
    """One side's line; `ours` is our rate."""
    ahead = f"{ours / result.rate:.1f}x" if bar is not None else ""
    rate, wanted = f"{result.rate:,.0f} {unit}", "" if bar is None else f"{bar:g}x"
    seconds = f"{result.seconds:.2f}"
    return _ROW.format(
        name, result.peer, rate, seconds, f"{result.peak_mb:,.0f}", ahead, wanted, verdict
    ).rstrip()


def lines(name: str, contest: Contest, results: list[Result]) -> str:
    """A line a side, ours first."""
    ours = results[0]
    return "\n".join(
        table_line(
            name,
            contest.unit,
            each,
            ours.rate,
            contest.bars.get(each.peer),
            "" if each is ours else _verdict(contest, ours, each),
        )
        for each in results
    )


def _verdict(contest: Contest, ours: Result, theirs: Result) -> str:
    differing = [
        f"{name} {ours.answer[name]:,.6g} and {value:,.6g}"
        for name, value in theirs.answer.items()
        if not math.isclose(ours.answer[name], value, rel_tol=contest.tolerance.get(name, _CLOSE))
    ]
    return f"DIFFER: {'; '.join(differing)}" if differing or not theirs.answer else "agree"
