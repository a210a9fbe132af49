"""Calendar fields of dates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.ops.dates import calendar
from headrace.transform.ops.dates.calendar import DAY, divide, remainder
from headrace.transform.ops.dates.parse import EpochUnit, as_timestamps
from headrace.transform.tracing.column import Column, apply

__all__ = ["Part", "date_part"]

Part = Literal[
    "year", "quarter", "month", "day", "weekday", "day_of_year", "iso_year", "iso_week", "days_in_month",
    "is_leap_year", "is_weekend", "hour", "minute", "second", "microsecond",
]  # fmt: skip
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class DatePart(ElementwiseOp):
    """A field of the date in the proleptic Gregorian calendar, UTC, without leap seconds.

    Attributes:
        part: The field.
        missing: The value of missing dates, in a column of int64; None means NaN, in a column of float32.
    """

    arity = (1, 1)
    takes_dates = True
    pointwise = True

    part: Part
    missing: int | None = None

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_timestamp:
            raise TraceError(f"date_part expects dates, got {x}", hint="parse them by parse_timestamp")
        if self.part not in get_args(Part):
            raise TraceError(
                f"unknown part of a date: {self.part!r}", hint=f"choose one of {', '.join(get_args(Part))}"
            )
        if self.missing is not None and abs(self.missing) > _LARGEST:
            raise TraceError(f"missing: expected an int64, got {self.missing}", hint="such as missing=-1")
        return replace(x, dtype="float32" if self.missing is None else "int64")

    def compute(self, xp: Any, *arrays: Any) -> Any:
        (x,) = arrays
        present = calendar.is_present(xp, x)
        value = _PARTS[self.part](xp, calendar.shift_to_first(xp, x, present))
        if self.missing is not None:
            return xp.where(present, value, xp.asarray(self.missing, dtype=xp.int64))
        return xp.where(present, xp.astype(value, xp.float32), xp.asarray(float("nan"), dtype=xp.float32))


def _of_civil(name: str) -> Callable[[Any, Any], Any]:
    return lambda xp, x: getattr(calendar.civil_from_days(xp, divide(xp, x, DAY)), name)


def _of_day(unit: int, count: int) -> Callable[[Any, Any], Any]:
    """Make a function that counts units (in microseconds), of which `count` make a larger unit."""
    return lambda xp, x: remainder(xp, divide(xp, x, unit), count)


def _weekday(xp: Any, x: Any) -> Any:
    return remainder(xp, divide(xp, x, DAY), 7)


def _day_of_year(xp: Any, days: Any) -> Any:
    return days - calendar.days_before_year(xp, calendar.civil_from_days(xp, days).year) + 1


def _thursday(xp: Any, x: Any) -> Any:
    """Return the Thursday of each date's week: its year is that of the week."""
    return divide(xp, x, DAY) - _weekday(xp, x) + 3


def _days_in_month(xp: Any, x: Any) -> Any:
    year, month, _ = calendar.civil_from_days(xp, divide(xp, x, DAY))
    return calendar.days_of_month(xp, year, month)


_PARTS: dict[str, Callable[[Any, Any], Any]] = {
    "year": _of_civil("year"),
    "quarter": lambda xp, x: divide(xp, _of_civil("month")(xp, x) + 2, 3),
    "month": _of_civil("month"),
    "day": _of_civil("day"),
    "weekday": _weekday,
    "day_of_year": lambda xp, x: _day_of_year(xp, divide(xp, x, DAY)),
    "iso_year": lambda xp, x: calendar.civil_from_days(xp, _thursday(xp, x)).year,
    "iso_week": lambda xp, x: divide(xp, _day_of_year(xp, _thursday(xp, x)) + 6, 7),
    "days_in_month": _days_in_month,
    "is_leap_year": lambda xp, x: xp.astype(calendar.is_leap(xp, _of_civil("year")(xp, x)), xp.int64),
    "is_weekend": lambda xp, x: xp.astype(_weekday(xp, x) >= 5, xp.int64),
    "hour": _of_day(3_600_000_000, 24),
    "minute": _of_day(60_000_000, 60),
    "second": _of_day(1_000_000, 60),
    "microsecond": _of_day(1, 1_000_000),
}


def date_part(x: Column, part: Part, *, unit: EpochUnit | None = None, missing: int | None = None) -> Column:
    """Extract a part of each date in UTC: float32, or int64 if `missing` is given.

    Args:
        x: A column of dates, or what `parse_timestamp` parses: ISO strings, or integers with their `unit`.
        part: "year", "quarter" (1-4), "month" (1-12), "day" (1-31), "weekday" (Monday is 0), "day_of_year"
            (1-366), "iso_year" and "iso_week" (1-53) of ISO 8601, "days_in_month" (28-31), "is_leap_year",
            "is_weekend" (Saturday and Sunday: 1, other days: 0), "hour", "minute", "second" or "microsecond".
        unit: The unit of integers since 1970-01-01: "D", "s", "ms", "us" or "ns".
        missing: The integer for missing dates, such as -1, which `one_hot` turns into zeros; None is NaN.

    Raises:
        TraceError: `x` cannot be parsed, or `part` is unknown.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> batch = pa.record_batch({"sold": ["2024-02-29", "2024-03-02T23:30:00-05:00", ""]})
        >>> t = hr.transform.analyze(lambda x: {"day": hr.transform.date_part(x["sold"], "day")}, [batch])
        >>> t(batch)["day"].to_pylist()
        [29.0, 3.0, nan]
    """
    return apply(DatePart(part, missing), as_timestamps(x, unit))
