"""The table: figures of each peer, Headrace's speedup, and the fraction of the machine's limits."""

from __future__ import annotations

from bench.compare import Result
from bench.records.limits import Limits

__all__ = ["header", "limits_line", "rows"]

_ROW = "{:<9} {:<6} {:>4}  {:<10} {:>11} {:>8} {:>8} {:>8} {:>7} {:>5} {:>6}"


def header() -> str:
    """Format the two header lines of the table."""
    names = (
        "workload",
        "action",
        "cpus",
        "peer",
        "examples/s",
        "MB/s",
        "peak MB",
        "speedup",
        "of",
        "of",
        "of",
    )
    limit_names = ("", "", "", "", "", "", "", "", "memcpy", "CRC", "cache")
    return "\n".join([_ROW.format(*names), _ROW.format(*limit_names)])


def limits_line(cpus: int, limits: Limits) -> str:
    """Format the limits that the last columns of the table refer to."""
    return (
        f"{cpus} CPU{'s' if cpus > 1 else ''}: memcpy {limits.memcpy / 1e9:.1f} GB/s, "
        f"CRC-32C {limits.crc / 1e9:.1f} GB/s, page-cache read {limits.cache_read / 1e9:.1f} GB/s, "
        f"page-cache write {limits.cache_write / 1e9:.1f} GB/s"
    )


def _row(
    workload: str,
    action: str,
    cpus: int,
    result: Result,
    ours: Result,
    bytes_each: float,
    limits: Limits,
) -> str:
    rate = result.rate * bytes_each
    speedup = "" if result is ours else f"{ours.rate / result.rate:.1f}x"
    cache = limits.cache_read if action == "read" else limits.cache_write
    fractions = [f"{rate / limit:.0%}" for limit in (limits.memcpy, limits.crc, cache)]
    return _ROW.format(
        workload, action, cpus, result.peer, f"{result.rate:,.0f}", f"{rate / 1e6:,.0f}",
        f"{result.peak_mb:,.0f}", speedup, *fractions,
    )  # fmt: skip


def rows(
    workload: str, action: str, cpus: int, results: list[Result], bytes_each: float, limits: Limits
) -> str:
    """Format a line per peer, Headrace first. `bytes_each` is the size of an Example in a record file."""
    ours = results[0]
    return "\n".join(_row(workload, action, cpus, result, ours, bytes_each, limits) for result in results)
