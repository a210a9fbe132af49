"""Dates of columns of strings, integers and floats."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from headrace.columns import FIRST_MICROSECOND, LAST_MICROSECOND, TIMESTAMP, ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.ops.dates import calendar
from headrace.transform.ops.dates.parse_strings import ParseTimestamp
from headrace.transform.tracing.column import Column, apply, cast_to

__all__ = ["EpochUnit", "as_timestamps", "parse_date", "parse_timestamp"]

EpochUnit = Literal["D", "s", "ms", "us", "ns"]
_FACTORS = {"D": calendar.DAY, "s": 1_000_000, "ms": 1_000, "us": 1}
_NANOSECONDS = 1_000  # of a microsecond


@dataclass(frozen=True)
class EpochToTimestamp(ElementwiseOp):
    """The dates of numbers that count units since 1970-01-01 00:00 UTC.

    NaN and numbers outside the years 1 to 9999 are missing dates. Nanoseconds are rounded down, fractions of
    floats to the nearest microsecond.
    """

    arity = (1, 1)
    pointwise = True

    unit: EpochUnit

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if self.unit not in get_args(EpochUnit):
            hint = f"choose one of {', '.join(get_args(EpochUnit))}"
            raise TraceError(f"unknown unit of integers: {self.unit!r}", hint=hint)
        if x.dtype not in ("int64", "float64"):
            raise TraceError(f"{self.name} expects int64 or float64, got {x}", hint="cast it first")
        return replace(x, dtype=TIMESTAMP)

    def compute(self, xp: Any, *arrays: Any) -> Any:
        (x,) = arrays
        is_integer = x.dtype == xp.int64
        if self.unit == "ns":
            first, last = -(2**63), 2**63 - (1 if is_integer else 2**10)  # what int64 holds
        else:
            factor = _FACTORS[self.unit]
            first, last = -(-FIRST_MICROSECOND // factor), LAST_MICROSECOND // factor + (not is_integer)
        low, high = (xp.asarray(each, dtype=x.dtype) for each in (first, last))
        present = (x >= low) & (x <= high)
        x = xp.where(present, x, xp.zeros((), dtype=x.dtype))
        return calendar.keep_present(xp, present, self._to_microseconds(xp, x))

    def _to_microseconds(self, xp: Any, x: Any) -> Any:
        if self.unit == "ns":
            whole = x if x.dtype == xp.int64 else xp.astype(xp.floor(x), xp.int64)
            return xp.floor_divide(whole, xp.asarray(_NANOSECONDS, dtype=xp.int64))
        if x.dtype == xp.int64:
            return x * xp.asarray(_FACTORS[self.unit], dtype=xp.int64)
        whole, factor = xp.floor(x), _FACTORS[self.unit]
        rest = xp.round((x - whole) * xp.asarray(float(factor), dtype=xp.float64))
        return xp.astype(whole, xp.int64) * factor + xp.astype(rest, xp.int64)


@dataclass(frozen=True)
class StartOfDay(ElementwiseOp):
    """The midnight, UTC, at which the day of a date begins."""

    arity = (1, 1)
    takes_dates = True
    pointwise = True

    def infer(self, *types: ColumnType) -> ColumnType:
        if not types[0].is_timestamp:
            raise TraceError(f"{self.name} expects dates, got {types[0]}", hint="parse them by parse_date")
        return types[0]

    def compute(self, xp: Any, *arrays: Any) -> Any:
        (x,) = arrays
        present = calendar.is_present(xp, x)
        of_day = calendar.remainder(xp, calendar.shift_to_first(xp, x, present), calendar.DAY)
        return calendar.keep_present(xp, present, x - of_day)


def as_timestamps(x: Column, unit: EpochUnit | None = None, format: str | None = None) -> Column:  # noqa: A002
    """See `parse_timestamp`."""
    type_ = x.type
    if type_.is_timestamp:
        return x
    if type_.is_string:
        if unit is not None:
            raise TraceError(f"expected integers for unit={unit!r}, got {type_}", hint="drop unit=")
        return apply(ParseTimestamp(format), x)
    if type_.dtype in ("bool", "uint64") or format is not None:
        expected = "dates" if format is None else "strings for the format"
        raise TraceError(
            f"expected {expected}, got {type_}", hint="pass strings, integers or a column of dates"
        )
    if unit is None:
        raise TraceError(
            f"expected dates, got {type_} without a unit",
            hint='say what the numbers count since 1970-01-01: unit="s", "ms", "us", "ns" or "D"',
        )
    return apply(EpochToTimestamp(unit), cast_to(x, "float64" if type_.is_float else "int64"))


def parse_timestamp(x: Column, format: str | None = None, *, unit: EpochUnit | None = None) -> Column:  # noqa: A002
    """Parse dates with times, in UTC: a column of dates, to the microsecond.

    Without a format, strings are of ISO 8601: a date (`2024-02-29`, `20240229`), with a time after a `T` or a
    space (`10`, `10:15`, `10:15:30`, `10:15:30.123456`, `101530`), with `Z`, `UTC` or an offset (`+05:30`,
    `+0530`, `+05`). A time without an offset is one of UTC.

    Args:
        x: Strings; or integers or floats that count `unit` since 1970-01-01 00:00 UTC. A column of dates is
            returned unchanged, so that a function works on data from CSV and from Parquet.
        format: The format of strings, in directives of strptime: %Y, %y (69 is 1969), %m, %d, %j, %b, %B, %a,
            %A (English names, short or in full, in any case), %H, %I, %p, %M, %S, %f and %z, each once. A
            number may lack its leading zeros, unless another number follows at once, as in %Y%m%d. The month
            and the day are 1 if the format lacks them. %z is the last one.
        unit: The unit of integers: "D" (days), "s", "ms", "us" or "ns".

    Returns:
        A column of dates for `date_part`, `elapsed` and `is_missing`. What is not a date (`2024-02-30`,
        `abc`, an empty string, NaN) or lies outside the years 1 to 9999 is missing.

    Raises:
        TraceError: Integers without a `unit`, a format that cannot be parsed or lowered, or another type.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> def preprocess(x):
        ...     sold = hr.transform.parse_timestamp(x["sold"], "%d/%m/%Y %H:%M")
        ...     return {"hour": hr.transform.date_part(sold, "hour")}
        >>> batch = pa.record_batch({"sold": ["29/2/2024 13:15", "30/2/2024 13:15"]})
        >>> hr.transform.analyze(preprocess, [batch])(batch)["hour"].to_pylist()
        [13.0, nan]
    """
    return as_timestamps(x, unit, format)


def parse_date(x: Column, format: str | None = None, *, unit: EpochUnit | None = None) -> Column:  # noqa: A002
    """Parse dates as `parse_timestamp` does, and drop the time of day, in UTC."""
    return apply(StartOfDay(), as_timestamps(x, unit, format))
