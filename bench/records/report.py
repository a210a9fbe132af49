"""The table: each side's figures, how far we are ahead, and how far from what the machine can do."""

from __future__ import annotations

from bench.contest import Result
from bench.records.limits import Limits

__all__ = ["heading", "limits_line", "rows"]

_ROW = "{:<9} {:<5} {:>4}  {:<10} {:>11} {:>8} {:>8} {:>8} {:>7} {:>5} {:>6}"


def heading() -> str:
    """Two lines over the table."""
    names = (
        "workload",
        "does",
        "cpus",
        "side",
        "examples/s",
        "MB/s",
        "peak MB",
        "we are",
        "memcpy",
        "CRC",
        "cache",
    )
    under = ("", "", "", "", "", "", "", "ahead", "of it", "of it", "of it")
    return "\n".join([_ROW.format(*names), _ROW.format(*under)])


def limits_line(processors: int, limits: Limits) -> str:
    """The limits that the table's last columns are parts of."""
    return (
        f"{processors} processor{'s' if processors > 1 else ''}: memcpy {limits.memcpy / 1e9:.1f} GB/s, "
        f"CRC-32C {limits.crc / 1e9:.1f} GB/s, page-cache read {limits.cache_read / 1e9:.1f} GB/s, "
        f"page-cache write {limits.cache_write / 1e9:.1f} GB/s"
    )


def _row(
    workload: str,
    action: str,
    processors: int,
    result: Result,
    ours: Result,
    bytes_each: float,
    limits: Limits,
) -> str:
    rate = result.rate * bytes_each
    ahead = "" if result is ours else f"{ours.rate / result.rate:.1f}x"
    cache = limits.cache_read if action == "read" else limits.cache_write
    parts = [f"{rate / limit:.0%}" for limit in (limits.memcpy, limits.crc, cache)]
    return _ROW.format(
        workload, action, processors, result.peer, f"{result.rate:,.0f}", f"{rate / 1e6:,.0f}",
        f"{result.peak_mb:,.0f}", ahead, *parts,
    )  # fmt: skip


def rows(
    workload: str, action: str, processors: int, results: list[Result], bytes_each: float, limits: Limits
) -> str:
    """A line a side, ours first. `bytes_each` is an Example's size in a record file, for every side."""
    ours = results[0]
    return "\n".join(
        _row(workload, action, processors, result, ours, bytes_each, limits) for result in results
    )
