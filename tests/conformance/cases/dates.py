"""Cases of ops on dates."""

from __future__ import annotations

from typing import get_args

from headrace.columns import TIMESTAMP
from headrace.transform.ops.dates.date_part import Part
from headrace.transform.ops.dates.elapsed import TimeUnit
from headrace.transform.ops.dates.parse import EpochUnit

from .case import Case, column, make_op, shapes

__all__ = ["CASES"]

DATES = column(TIMESTAMP)


def _date_part() -> list[Case]:
    return [
        Case(make_op("date_part", part, (None, -1)[place % 2]), (shapes(TIMESTAMP)[place % 3],))
        for place, part in enumerate(get_args(Part))
    ]


def _elapsed() -> list[Case]:
    return [
        *(Case(make_op("elapsed", unit, 946_684_800_000_001), (DATES,)) for unit in get_args(TimeUnit)),
        *(Case(make_op("elapsed", unit), (DATES, DATES)) for unit in ("years", "microseconds")),
        Case(make_op("elapsed", "days", 0), (column(TIMESTAMP, ragged=True),)),
        Case(make_op("elapsed", "days"), (column(TIMESTAMP, 3), column(TIMESTAMP, 1))),
    ]


CASES: dict[str, list[Case]] = {
    "date_part": _date_part(),
    "elapsed": _elapsed(),
    "epoch_to_timestamp": [
        Case(make_op("epoch_to_timestamp", unit), (type_,))
        for unit in get_args(EpochUnit)
        for dtype in ("int64", "float64")
        for type_ in (shapes(dtype) if unit == "s" else [column(dtype)])
    ],
    "fill_missing_date": [Case(make_op("fill_missing_date", 7), (type_,)) for type_ in shapes(TIMESTAMP)],
    "is_missing_date": [Case(make_op("is_missing_date"), (type_,)) for type_ in shapes(TIMESTAMP)],
    "start_of_day": [Case(make_op("start_of_day"), (type_,)) for type_ in shapes(TIMESTAMP)],
}
