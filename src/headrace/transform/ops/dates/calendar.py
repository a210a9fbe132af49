"""The proleptic Gregorian calendar in int64 arithmetic, for NumPy, torch and ndonnx arrays alike.

All numbers are at least 0, so that every division may round towards zero: days count from 0001-01-01, which
was a Monday. Years are counted from March: then the leap day is the last day of the year, the lengths of the
months repeat every five months, and every 400 years are alike (Howard Hinnant, "chrono-Compatible Low-Level
Date Algorithms").
"""

from __future__ import annotations

from typing import Any, NamedTuple

from headrace.columns import FIRST_MICROSECOND, LAST_MICROSECOND, MISSING_DATE

__all__ = [
    "DAY",
    "Civil",
    "civil_from_days",
    "days_before_year",
    "days_from_civil",
    "days_of_month",
    "divide",
    "is_leap",
    "is_present",
    "keep_present",
    "remainder",
    "shift_to_first",
]

DAY = 86_400_000_000  # microseconds
_MARCH = 306  # days from 0000-03-01 to 0001-01-01


class Civil(NamedTuple):
    """Year, month (1-12) and day (1-31), int64 arrays."""

    year: Any
    month: Any
    day: Any


def is_present(xp: Any, x: Any) -> Any:
    """Test whether each timestamp lies in the years 1 to 9999; all others are missing."""
    first, last = (xp.asarray(each, dtype=xp.int64) for each in (FIRST_MICROSECOND, LAST_MICROSECOND))
    return (x >= first) & (x <= last)


def keep_present(xp: Any, present: Any, x: Any) -> Any:
    """Return timestamps in which those not present are `MISSING_DATE`."""
    return xp.where(present, x, xp.asarray(MISSING_DATE, dtype=xp.int64))


def shift_to_first(xp: Any, x: Any, present: Any) -> Any:
    """Return the microseconds since 0001-01-01; 0 for what is not present."""
    first = xp.asarray(FIRST_MICROSECOND, dtype=xp.int64)
    return xp.where(present, x, first) - first


def divide(xp: Any, x: Any, n: int) -> Any:
    """Divide integers of at least 0 by a positive number, rounding down."""
    if hasattr(x, "unwrap_spox"):  # floor_divide of ndonnx handles negative numbers, in 9 nodes
        import spox.opset.ai.onnx.v21 as op

        return xp.asarray(op.div(x.unwrap_spox(), xp.asarray(n, dtype=xp.int64).unwrap_spox()))
    return xp.floor_divide(x, xp.asarray(n, dtype=xp.int64))


def remainder(xp: Any, x: Any, n: int) -> Any:
    """Return the remainder of `divide`."""
    return x - divide(xp, x, n) * n


def civil_from_days(xp: Any, days: Any) -> Civil:
    """Convert days since 0001-01-01 to year, month and day."""
    shifted = days + _MARCH
    era = divide(xp, shifted, 146_097)
    of_era = shifted - era * 146_097
    leap_days = divide(xp, of_era, 1_460) - divide(xp, of_era, 36_524) + divide(xp, of_era, 146_096)
    years = divide(xp, of_era - leap_days, 365)
    of_year = of_era - (365 * years + divide(xp, years, 4) - divide(xp, years, 100))  # days since March 1
    month = divide(xp, 5 * of_year + 2, 153)  # March is 0
    in_next_year = xp.astype(month >= 10, xp.int64)
    return Civil(
        years + era * 400 + in_next_year,
        month + 3 - 12 * in_next_year,
        of_year - divide(xp, 153 * month + 2, 5) + 1,
    )


def days_from_civil(xp: Any, civil: Civil) -> Any:
    """Convert year, month and day to days since 0001-01-01, the inverse of `civil_from_days`."""
    in_next_year = xp.astype(civil.month <= 2, xp.int64)
    year, month = civil.year - in_next_year, civil.month - 3 + 12 * in_next_year
    leap_days = divide(xp, year, 4) - divide(xp, year, 100) + divide(xp, year, 400)
    return 365 * year + leap_days + divide(xp, 153 * month + 2, 5) + civil.day - 1 - _MARCH


def days_before_year(xp: Any, year: Any) -> Any:
    """Count the days from 0001-01-01 to the first day of a year."""
    before = year - 1
    return 365 * before + divide(xp, before, 4) - divide(xp, before, 100) + divide(xp, before, 400)


def is_leap(xp: Any, year: Any) -> Any:
    """Test whether a year has 366 days."""
    by_4, by_100, by_400 = (remainder(xp, year, n) == 0 for n in (4, 100, 400))
    return by_400 | (by_4 & ~by_100)


def days_of_month(xp: Any, year: Any, month: Any) -> Any:
    """Count the days of a month."""
    usual = 30 + remainder(xp, month + divide(xp, month, 8), 2)
    return xp.where(month == 2, 28 + xp.astype(is_leap(xp, year), xp.int64), usual)
