"""The time between two dates."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np

from headrace.arguments import show_value
from headrace.columns import ColumnType, date_to_microseconds
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp, broadcast
from headrace.transform.ops.dates import calendar
from headrace.transform.ops.dates.parse import EpochUnit, as_timestamps
from headrace.transform.ops.numbers.portable_math import portable_where
from headrace.transform.tracing.column import Column, apply
from headrace.transform.tracing.operators import align

__all__ = ["TimeUnit", "elapsed"]

TimeUnit = Literal["years", "weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds"]
_UNITS = {
    "years": 31_556_952_000_000,  # 365.2425 days, the mean year of the calendar
    "weeks": 7 * calendar.DAY,
    "days": calendar.DAY,
    "hours": 3_600_000_000,
    "minutes": 60_000_000,
    "seconds": 1_000_000,
    "milliseconds": 1_000,
    "microseconds": 1,
}


@dataclass(frozen=True)
class Elapsed(ElementwiseOp):
    """The time from another date to x: float64, NaN if one is missing.

    The difference is exact; whole units and the rest are converted to float64 one by one.

    Attributes:
        unit: The unit of the result.
        since: The other date, in microseconds since 1970; None means that it is the second input.
    """

    arity = (1, 2)
    takes_dates = True
    pointwise = True

    unit: TimeUnit
    since: int | None = None

    def infer(self, *types: ColumnType) -> ColumnType:
        if not all(each.is_timestamp for each in types):
            raise TraceError(f"elapsed expects dates, got {types[0]}", hint="parse them by parse_timestamp")
        if self.unit not in _UNITS:
            what = f"unknown unit of time: {self.unit!r}"
            raise TraceError(what, hint=f"choose one of {', '.join(get_args(TimeUnit))}")
        if (self.since is None) != (len(types) == 2):
            raise TraceError("elapsed expects one other date", hint="pass since= a column or a date")
        return replace(broadcast(self.name, *types), dtype="float64")

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x = arrays[0]
        since = arrays[1] if self.since is None else xp.asarray(self.since, dtype=xp.int64)
        present = calendar.is_present(xp, x) & calendar.is_present(xp, since)
        difference = xp.where(present, x - since, xp.asarray(0, dtype=xp.int64))
        unit, length = _UNITS[self.unit], xp.abs(difference)
        whole = calendar.divide(xp, length, unit)
        rest = xp.astype(length - whole * unit, xp.float64) / xp.asarray(float(unit), dtype=xp.float64)
        units = xp.astype(whole, xp.float64) + rest
        nan = xp.asarray(float("nan"), dtype=xp.float64)
        return portable_where(xp, present, portable_where(xp, difference < 0, -units, units), nan)


def elapsed(
    x: Column,
    *,
    since: Column | str | datetime.date | np.datetime64,
    unit: TimeUnit,
    epoch_unit: EpochUnit | None = None,
) -> Column:
    """Compute the time from `since` to each date of x: float64, NaN if one is missing.

    Args:
        x: A column of dates, or what `parse_timestamp` parses; earlier dates than `since` are negative.
        since: Another such column, or one date for all rows: a `datetime`, a `date`, a time of NumPy, or
            an ISO string.
        unit: "years" (of 365.2425 days), "weeks", "days", "hours", "minutes", "seconds", "milliseconds" or
            "microseconds".
        epoch_unit: The unit of integers since 1970-01-01: "D", "s", "ms", "us" or "ns".

    Raises:
        TraceError: `x` or `since` cannot be parsed, or `unit` is unknown.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> batch = pa.record_batch({"built": ["1999-01-01", "2001-01-01T12:00"]})
        >>> t = hr.transform.analyze(
        ...     lambda x: {"age": hr.transform.elapsed(x["built"], since="2000-01-01", unit="days")}, [batch]
        ... )
        >>> t(batch)["age"].to_pylist()
        [-365.0, 366.5]
    """
    dates = as_timestamps(x, epoch_unit)
    if isinstance(since, Column):
        return apply(Elapsed(unit), *align(dates, as_timestamps(since, epoch_unit)))
    if not isinstance(since, str | datetime.date | np.datetime64):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TraceError(
            f"since: expected a column or a date, got {show_value(since)}", hint='such as since="2020-01-01"'
        )
    return apply(Elapsed(unit, date_to_microseconds(since)), dates)
