"""TF Transform's rate, from two small tables: ten million rows would take it the better part of an hour."""

from __future__ import annotations

from dataclasses import replace

from bench.contest import Event, Result, contest, run_once
from bench.transform.contests import Contest
from bench.transform.report import lines

__all__ = ["beam_rate"]

_BAR = 20
# TF Transform has float32 only; its buckets' boundaries are approximate.
_TOLERANCE = {"age": 5e-3, "visits": 5e-3, "latitude": 1e-3, "longitude": 1e-3}


def beam_rate(our_rate: float, larger: Event, smaller: Event) -> str:
    """Lines that compare rates per row: ours of the whole table, TF Transform's of what `larger` has more.

    So its start, a quarter of a minute, is not counted.
    """
    sizes = [_both(event) for event in (smaller, larger)]
    rows = [each[1].rate * each[1].seconds for each in sizes]
    seconds = sizes[1][1].seconds - sizes[0][1].seconds
    beyond = replace(sizes[1][1], rate=(rows[1] - rows[0]) / seconds, seconds=seconds)
    bar = Contest("", "table", "", "rows", {"tftransform": _BAR}, _TOLERANCE)
    ours = replace(sizes[1][0], rate=our_rate)
    less, more = (
        f"{count:,.0f} rows in {each[1].seconds:.0f} s" for count, each in zip(rows, sizes, strict=True)
    )
    note = (
        f"(tftransform: {more}, less {less}; ten million would take it {1e7 / beyond.rate / 60:.0f} minutes)"
    )
    return "\n".join([lines("beam", bar, [ours, beyond]).splitlines()[-1], note])


def _both(event: Event) -> list[Result]:
    run_once(event, "headrace", "write")
    return contest(event, ["headrace", "tftransform"], "table", rounds=1)
