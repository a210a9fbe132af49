"""Calendar fields of times given as seconds since 1970-01-01 00:00 UTC."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.tracing.column import Column, apply, cast_to

__all__ = ["Part", "date_part"]

Part = Literal["year", "month", "day", "weekday", "day_of_year", "hour", "minute", "second"]


@dataclass(frozen=True)
class DatePart(ElementwiseOp):
    """A field of the date in the proleptic Gregorian calendar, UTC, without leap seconds.

    Years are counted from March: then the leap day is the last day of the year, the lengths of the months
    repeat every five months, and every 400 years are alike (Howard Hinnant, "chrono-Compatible Low-Level Date
    Algorithms").
    """

    arity = (1, 1)

    part: Part

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if x.is_string:
            raise TraceError(
                "date_part expects int64 seconds, got strings, which runtimes parse differently",
                hint="store int64 seconds, or extract fields with substring and a vocabulary",
            )
        if x.dtype != "int64":
            raise TraceError(f"date_part expects int64 seconds, got {x}", hint="cast it to int64")
        if self.part not in get_args(Part):
            raise TraceError(
                f"unknown part of a date: {self.part!r}", hint=f"choose one of {', '.join(get_args(Part))}"
            )
        return replace(x, dtype="int64")

    def compute(self, xp: Any, *arrays: Any) -> Any:
        def over(x: Any, n: int) -> Any:
            return xp.floor_divide(x, xp.asarray(n, dtype=xp.int64))

        (seconds,) = arrays
        days = over(seconds, 86_400)
        of_day = seconds - days * 86_400
        if self.part in ("hour", "minute", "second"):
            minutes = over(of_day, 60)
            hours = over(minutes, 60)
            return {"hour": hours, "minute": minutes - hours * 60, "second": of_day - minutes * 60}[self.part]
        if self.part == "weekday":  # day 0 was a Thursday: 3, counted from Monday
            return days + 3 - over(days + 3, 7) * 7
        shifted = days + 719_468  # days since 0000-03-01
        era = over(shifted, 146_097)
        of_era = shifted - era * 146_097
        years = over(of_era - over(of_era, 1_460) + over(of_era, 36_524) - over(of_era, 146_096), 365)
        of_year = of_era - (365 * years + over(years, 4) - over(years, 100))  # days since March 1
        month = over(5 * of_year + 2, 153)  # March is 0
        in_next_year = xp.astype(month >= 10, xp.int64)
        if self.part == "year":
            return years + era * 400 + in_next_year
        if self.part == "month":
            return month + 3 - 12 * in_next_year
        if self.part == "day":
            return of_year - over(153 * month + 2, 5) + 1
        year = years + era * 400
        leap = (over(year, 4) * 4 == year) & (
            (over(year, 100) * 100 != year) | (over(year, 400) * 400 == year)
        )
        return xp.where(month >= 10, of_year - 305, of_year + 60 + xp.astype(leap, xp.int64))


def date_part(x: Column, part: Part) -> Column:
    """Extract a field of each date in UTC: int64.

    Args:
        x: A column of integers: seconds since 1970-01-01 00:00 UTC, negative before.
        part: "year", "month" (1-12), "day" (1-31), "weekday" (Monday is 0), "day_of_year" (1-366), "hour",
            "minute" or "second".

    Raises:
        TraceError: `x` is not a column of integers, or `part` is unknown.
    """
    return apply(DatePart(part), cast_to(x, "int64") if x.type.is_integer and x.type.dtype != "uint64" else x)
