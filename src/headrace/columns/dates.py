"""Columns of dates and times as int64 microseconds since 1970-01-01 00:00 UTC.

Arrow timestamps (s, ms, us, ns), date32 and date64 become microseconds; a date is its midnight. Values with
a time zone are instants, which Arrow holds in UTC; values without one are taken as UTC. Nanoseconds are
rounded down. Missing values are `MISSING_DATE`, as `numpy.datetime64("NaT")` is. Dates outside the years 1 to
9999 are refused: most are integers of another unit.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from headrace import _native
from headrace.columns.arrays import Ragged, column_type
from headrace.columns.string_buffers import get_buffers
from headrace.errors import SchemaError

__all__ = [
    "FIRST_MICROSECOND",
    "LAST_MICROSECOND",
    "MISSING_DATE",
    "date_to_microseconds",
    "parse_dates",
    "timestamps_from_arrow",
    "to_microseconds",
    "to_python",
]

MISSING_DATE = -(2**63)
FIRST_MICROSECOND = -62_135_596_800_000_000  # 0001-01-01 00:00
LAST_MICROSECOND = 253_402_300_799_999_999  # 9999-12-31 23:59:59.999999

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_FACTORS = {"D": 86_400_000_000, "s": 1_000_000, "ms": 1_000, "us": 1}


def timestamps_from_arrow(array: Any, name: str = "") -> Any:
    """Convert a column of dates or times to int64 microseconds, or `Ragged` of them.

    Raises:
        SchemaError: A date outside the years 1 to 9999; it names the row. Missing values in lists of fixed
            length. Or another type.
    """
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    type_ = column_type(pa.field(name, array.type))
    if not type_.is_timestamp:
        raise SchemaError(f"expected dates, got {type_}", feature=name or None, hint="parse the dates first")
    if isinstance(array, pa.DictionaryArray):
        array = array.dictionary_decode()
    if type_.ragged:
        lengths = np.asarray(array.value_lengths().fill_null(0).to_numpy(zero_copy_only=False), np.int64)
        splits = np.concatenate([[0], np.cumsum(lengths)])

        def find_row(index: int) -> int:
            return int(np.searchsorted(splits, index, side="right")) - 1

        return Ragged(to_microseconds(array.flatten(), name, find_row), splits)
    rows = len(array)
    while isinstance(array, pa.FixedSizeListArray):
        if array.null_count:
            what = f"{array.null_count:,} missing values in a column of {array.type}"
            raise SchemaError(what, feature=name or None, hint="fill it first, or drop those rows")
        size = array.type.list_size
        array = array.values.slice(array.offset * size, len(array) * size)
    size = max(len(array) // max(rows, 1), 1)
    return to_microseconds(array, name, lambda index: index // size).reshape(rows, *type_.shape)


def to_microseconds(array: pa.Array, name: str, find_row: Callable[[int], int]) -> np.ndarray:
    """Convert an array of dates or times; `find_row` returns the row of a value, for the message.

    Raises:
        SchemaError: A date outside the years 1 to 9999.
    """
    storage, unit = _storage(array.type)
    integers = array.cast(storage) if storage == pa.int32() else array.view(storage)
    values = integers.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    missing = values == MISSING_DATE
    if array.null_count:
        missing |= array.is_null().to_numpy(zero_copy_only=False)
    if unit == "ns":
        return np.where(missing, MISSING_DATE, values // 1000)
    factor = _FACTORS[unit]
    outside = ((values < FIRST_MICROSECOND // factor) | (values > LAST_MICROSECOND // factor)) & ~missing
    if outside.any():
        place = int(np.flatnonzero(outside)[0])
        raise SchemaError(
            f"expected dates of the years 1 to 9999, got {values[place]} ({array.type})",
            record=find_row(place),
            feature=name or None,
            hint="if the unit is wrong, store integers and pass unit= to hr.transform.parse_timestamp",
        )
    return np.where(missing, MISSING_DATE, values * factor)


def _storage(type_: pa.DataType) -> tuple[pa.DataType, str]:
    """Return the type of the integers that Arrow holds, and their unit."""
    if pa.types.is_date32(type_):
        return pa.int32(), "D"
    return pa.int64(), "ms" if pa.types.is_date64(type_) else type_.unit


def parse_dates(strings: pa.StringArray, steps: np.ndarray | None = None) -> np.ndarray:
    """Parse strings without nulls: int64 microseconds, `MISSING_DATE` for those that are not dates.

    Args:
        strings: The strings.
        steps: A format for the kernel; None is ISO 8601.
    """
    return _native.parse_dates(*get_buffers(strings), np.zeros(0, np.uint8) if steps is None else steps)


def date_to_microseconds(date: str | datetime.date | np.datetime64) -> int:
    """Convert a `datetime`, a `date`, a time of NumPy or an ISO string; without a time zone it is in UTC.

    Raises:
        SchemaError: The string is not a date, or the time is missing.
    """
    if date != date:
        raise SchemaError(f"expected a date, got {date}", hint='such as "2020-01-31"')
    if isinstance(date, np.datetime64):
        return int(to_microseconds(pa.array([date.astype("datetime64[us]")]), "", lambda row: row)[0])
    if isinstance(date, str):
        text = date.encode("utf-8", "replace").decode()  # half of a surrogate pair is not a date
        found = int(parse_dates(pa.array([text]))[0])
        if found == MISSING_DATE:
            raise SchemaError(f"expected a date, got {date!r:.60}", hint='such as "2020-01-31"')
        return found
    if not isinstance(date, datetime.datetime):
        date = datetime.datetime(date.year, date.month, date.day)
    zoned = date if date.tzinfo is not None else date.replace(tzinfo=datetime.UTC)
    return (zoned - _EPOCH) // datetime.timedelta(microseconds=1)


def to_python(scalar: pa.Scalar) -> Any:
    """Convert a scalar to a Python value; a date outside the years 1 to 9999, which Python lacks, to text.

    >>> to_python(pa.scalar(3_000_000, pa.date32()))
    '10183-10-09'
    """
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        try:
            return scalar.cast(pa.string()).as_py()
        except pa.ArrowException:  # in a list or struct
            return f"{scalar.type} outside the years 1 to 9999"
