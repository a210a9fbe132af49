"""Cases of ops on dates."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from random import Random
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


def _date_strings(formats: tuple[str, ...]) -> tuple[str, ...]:
    """Write dates by formats of strftime, as they are and with a character changed, dropped or added."""
    random, first = Random(0), datetime(1, 1, 1)
    days = [first, datetime(9999, 12, 31, 23, 59, 59, 999_999), datetime(2024, 2, 29, 12, 5, 9, 120_000)]
    days += [first + timedelta(microseconds=random.randrange(315_537_897_600_000_000)) for _ in range(30)]
    zone = timezone(timedelta(hours=-3, minutes=-30))
    found: list[str] = []
    for place, day in enumerate(days):
        text = day.replace(tzinfo=zone).strftime(formats[place % len(formats)])
        text = text.replace("YYYY", f"{day.year:04d}")
        at, other = random.randrange(len(text)), random.choice("0123459-/:TZ +.é")
        before, after = text[:at], text[at + 1 :]
        found += [text, before + other + after, before + after, before + other + text[at:]]
    return tuple(found)


ISO = (
    *("YYYY-%m-%d", "YYYY%m%d", "YYYY-%m-%dT%H:%M:%S.%f", "YYYY-%m-%d %H:%M:%S%z", "YYYY%m%dT%H%M%S.%fZ"),
    *("YYYY-%m-%dT%H", "YYYY-%m-%d %H:%M:%S UTC", "YYYY-%m-%dt%H:%M:%S,%f -03", "YYYY-%m-%dT%H:%M"),
    " YYYY-%m-%dT%H:%M:%S+14:00\n",
)
FORMATS = {
    "%d/%m/%Y": ("%d/%m/YYYY", "%-d/%-m/YYYY", " %d/%-m/YYYY"),
    "%m/%d/%y %I:%M %p": ("%m/%d/%y %I:%M %p", "%-m/%-d/%y  %-I:%-M %p"),
    "%a, %d %b %Y %H:%M:%S %z": ("%a, %d %b YYYY %H:%M:%S %z", "%A, %-d %B YYYY %H:%M:%S Z"),
    "%Y.%j %f": ("YYYY.%j %f", "YYYY.%-j 5", "YYYY.%-j 012"),
    "On %B-%Y": ("On %B-YYYY", "On %b-YYYY"),
}


def _parse_timestamp() -> list[Case]:
    text, texts = column("string"), column("string", ragged=True)
    return [
        Case(make_op("parse_timestamp", "%Y%m%d"), (texts,), strings=_date_strings(("YYYY%m%d",))),
        Case(make_op("parse_timestamp"), (text,), strings=_date_strings(ISO)),
        *(
            Case(make_op("parse_timestamp", form), (text,), strings=_date_strings(written))
            for form, written in FORMATS.items()
        ),
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
    "parse_timestamp": _parse_timestamp(),
    "start_of_day": [Case(make_op("start_of_day"), (type_,)) for type_ in shapes(TIMESTAMP)],
}
