"""The format of dates in strings, from examples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["DateFormat", "find_date_format"]

_ISO = re.compile(
    r"\s*\d{4}-\d{2}-\d{2}"
    r"(?:[Tt ]\d{2}(?::\d{2}(?::\d{2}(?:[.,]\d{1,6})?)?)?(?: ?Z| ?UTC|[+-]\d{2}(?::?\d{2})?)?)?\s*"
)
_DAYS = (
    "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y",
    "%d %b %Y", "%b %d %Y", "%b %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%Y-%b-%d", "%b %Y", "%Y-%m", "%m/%Y",
    "%d.%m.%y",
)  # fmt: skip
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_FORMATS = tuple(f"{day}{time}" for time in _TIMES for day in _DAYS)
_SHARE = 0.98  # of strings that are dates; a few may be damaged


@dataclass(frozen=True)
class DateFormat:
    """How the dates of a column are written, and where they lie.

    Attributes:
        format: Directives of strptime; None is ISO 8601, or a column of dates.
        has_time: Whether there is a time of day other than midnight.
        middle: The middle of all dates, a day as an ISO string.
        years: The years between the first and the last date.
        damaged: Whether some strings are not dates.
    """

    format: str | None
    has_time: bool
    middle: str
    years: float
    damaged: bool = False

    @staticmethod
    def of_dates(dates: Sequence[datetime], format: str | None) -> DateFormat:  # noqa: A002
        """Describe dates, at least one."""
        ordered = sorted(each.astimezone(UTC).replace(tzinfo=None) if each.tzinfo else each for each in dates)
        has_time = any((each.hour, each.minute, each.second) != (0, 0, 0) for each in ordered)
        years = (ordered[-1] - ordered[0]).days / 365.2425
        return DateFormat(format, has_time, ordered[len(ordered) // 2].date().isoformat(), years)

    @staticmethod
    def of_column(dates: pa.Array) -> DateFormat:
        """Describe a column of dates or timestamps."""
        some = dates[:: max(1, len(dates) // 2000)]
        return DateFormat.of_dates(pc.cast(some, pa.timestamp("us"), safe=False).to_pylist(), None)


def find_date_format(strings: Sequence[str]) -> DateFormat | None:
    """Find the format of strings nearly all of which are dates; None if they are not.

    Where either number may be the day, the first one is.
    """
    for form in (None, *_FORMATS):
        if (dates := _parse(strings, form)) is not None:
            return replace(DateFormat.of_dates(dates, form), damaged=len(dates) < len(strings))
    return None


def _parse(strings: Sequence[str], form: str | None) -> list[datetime] | None:
    """Parse strings by a format; None if more than a few do not match."""
    dates: list[datetime] = []
    damaged = 0
    for each in strings:
        try:
            dates.append(_parse_iso(each) if form is None else datetime.strptime(each.strip(), form))
        except ValueError:
            damaged += 1
            if damaged > (1 - _SHARE) * len(strings):
                return None
    return dates or None


def _parse_iso(text: str) -> datetime:
    if not _ISO.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text.strip().replace(" UTC", "Z").replace(",", "."))
