"""The tables: figures of each contender, Headrace's speedup, and whether the results agree."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bench.data.comparisons import Comparison
from bench.data.measure import Figures

__all__ = ["comparison_lines", "header", "rank_lines", "resume_lines"]

_ROW = "{:<9} {:<24} {:>11} {:>9} {:>8} {:>8} {:>7} {:>8} {:>8}  {}"
_CLOSE = 1e-6
_MOST_RESUME_SECONDS, _MOST_RESUME_SHARE, _MOST_RANK_SHARE = 0.05, 0.01, 0.15


def header() -> str:
    """Format the header of the comparisons."""
    return _ROW.format(
        "workload", "peer", "rows/s", "us/row", "CPU us", "CPU x", "wall x", "peak MB", "+MB", "results"
    )


def _name(figures: Figures) -> str:
    return f"{figures.contender.peer} {figures.contender.variant}"


def _disagreement(ours: Figures, theirs: Figures) -> str:
    differing = [
        f"{name} {ours.checks.get(name, math.nan):,.6g} and {value:,.6g}"
        for name, value in theirs.checks.items()
        if name != "cells" and not math.isclose(ours.checks.get(name, math.nan), value, rel_tol=_CLOSE)
    ]
    return f"DIFFER: {'; '.join(differing)}" if differing else "agree"


def _padding(figures: Figures, limit: float | None) -> str:
    cells = figures.checks.get("cells")
    if cells is None:
        return ""
    holds = "" if limit is None else f" (at most {limit:g}: {'holds' if cells <= limit else 'MISSED'})"
    return f", {cells:.3f} cells a token{holds}"


def _verdict(target: float | None, speedup: float) -> str:
    if target is None:
        return ""
    return f", target {target:g}x of CPU: {'holds' if speedup >= target else 'MISSED'}"


def _line(name: str, figures: Figures, ours: Figures | None, remark: str) -> str:
    each = 1e6 / figures.rows
    cpu = f"{figures.cpu_seconds / ours.cpu_seconds:.2f}x" if ours else ""
    wall = f"{figures.seconds / ours.seconds:.2f}x" if ours else ""
    return _ROW.format(
        name, _name(figures), f"{figures.rows / figures.seconds:,.0f}", f"{figures.seconds * each:.2f}",
        f"{figures.cpu_seconds * each:.2f}", cpu, wall, f"{figures.peak_mb:,.0f}" if figures.peak_mb else "",
        f"{figures.grown_mb:,.0f}" if figures.peak_mb else "", remark,
    ).rstrip()  # fmt: skip


def comparison_lines(name: str, comparison: Comparison, found: Sequence[Figures]) -> str:
    """Format a line per contender, Headrace first."""
    ours = {each.contender.variant: each for each in found if each.contender.peer == "headrace"}
    lines: list[str] = []
    for number, figures in enumerate(found):
        base = ours.get(figures.contender.against)
        if figures.failure or (base and base.failure):
            lines.append(f"{name:<9} {_name(figures):<24} {figures.failure or 'nothing to compare with'}")
        elif base:
            speedup = figures.cpu_seconds / base.cpu_seconds
            remark = _disagreement(base, figures) + _padding(figures, None)
            remark += _verdict(figures.contender.target, speedup)
            lines.append(_line(name, figures, base, remark))
        else:
            limit = comparison.memory if number == 0 else None
            limit = limit if figures.peak_mb else None  # not measured
            holds = "holds" if limit and figures.grown_mb <= limit else "MISSED"
            remark = f"at most +{limit:g} MB: {holds}" if limit else ""
            remark += _padding(figures, comparison.cells)
            lines.append(_line(name, figures, None, remark.removeprefix(", ")))
    return "\n".join(lines)


def resume_lines(percent: int, found: Sequence[Figures], epoch_seconds: float) -> str:
    """Format the time from a state to the first batch; `epoch_seconds` is the duration of our epoch."""
    lines: list[str] = []
    limit = max(_MOST_RESUME_SECONDS, _MOST_RESUME_SHARE * epoch_seconds)
    for figures in found:
        if figures.failure:
            lines.append(f"resume at {percent}%  {_name(figures):<24} {figures.failure}")
            continue
        holds = f"at most {limit * 1e3:.0f} ms: {'holds' if figures.cpu_seconds <= limit else 'MISSED'}"
        lines.append(
            f"resume at {percent}%  {_name(figures):<24} {figures.seconds * 1e3:>9.2f} ms  "
            f"{figures.cpu_seconds * 1e3:>9.2f} ms of CPU  "
            f"{holds if figures.contender.peer == 'headrace' else ''}".rstrip()
        )
    return "\n".join(lines)


def rank_lines(workload: str, whole: Sequence[Figures], ranks: Sequence[Figures]) -> str:
    """Format the cost of one rank of eight as a share of reading all rows."""
    lines: list[str] = []
    for all_rows, rank in zip(whole, ranks, strict=True):
        if all_rows.failure or rank.failure:
            lines.append(f"{workload}, rank of 8  {_name(rank):<24} {all_rows.failure or rank.failure}")
            continue
        share = rank.cpu_seconds / all_rows.cpu_seconds
        holds = f"at most {_MOST_RANK_SHARE:.0%}: {'holds' if share <= _MOST_RANK_SHARE else 'MISSED'}"
        lines.append(
            f"{workload}, rank of 8  {_name(rank):<24} {share:>7.1%} of the CPU time of all rows, "
            f"{rank.seconds / all_rows.seconds:.1%} of the wall time  "
            f"{holds if rank.contender.peer == 'headrace' else ''}".rstrip()
        )
    return "\n".join(lines)
