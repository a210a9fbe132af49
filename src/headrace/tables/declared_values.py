"""Python values as an Arrow array of a declared type: a value that the type would change is an error.

`pyarrow.array` with a type cuts 1.5 to the integer 1, five microseconds to none where the unit is seconds,
1e39 to an infinite float32, and drops keys that a struct lacks.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import to_numpy_type

__all__ = ["check_values", "from_declared"]

_NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}  # of a unit


def from_declared(values: Sequence[Any], type_: pa.DataType) -> pa.Array:
    """Convert values, None where one is missing, to an array of a type.

    Raises:
        pa.ArrowException, TypeError, ValueError, OverflowError: A value that the type cannot hold as it is.

    Example:
        >>> from_declared([1, None, 2.0], pa.int64()).to_pylist()
        [1, None, 2]
    """
    array = pa.array(values, type_)
    check_values(values, type_)
    return array


def check_values(values: Iterable[Any], type_: pa.DataType) -> None:
    """Check that a type holds values as they are, if Arrow can convert them to it.

    Raises:
        ValueError: A value that would be changed.
    """
    t = pa.types
    if t.is_dictionary(type_):
        check_values(values, type_.value_type)
    elif t.is_map(type_):
        pairs = [pair for value in values if value is not None for pair in _list_pairs(value)]
        check_values([key for key, _ in pairs], type_.key_type)
        check_values([item for _, item in pairs], type_.item_type)
    elif t.is_struct(type_):
        _check_structs([value for value in values if value is not None], type_)
    elif t.is_nested(type_) and not t.is_union(type_):
        _check_lists([value for value in values if value is not None], type_.value_type)
    elif t.is_integer(type_):
        _check_integers(values)
    elif t.is_float16(type_) or t.is_float32(type_):
        _check_floats(values, np.float16 if t.is_float16(type_) else np.float32)
    elif t.is_temporal(type_):
        _check_times(values, type_)


def _list_pairs(value: Any) -> Iterable[tuple[Any, Any]]:
    return value.items() if isinstance(value, Mapping) else value


def _check_structs(values: list[Any], type_: pa.StructType) -> None:
    names = {field.name for field in type_}
    rows = [value for value in values if isinstance(value, Mapping)]
    unknown = next((name for row in rows for name in row if name not in names), None)
    if unknown is not None:
        raise ValueError(f"{type_} lacks the key {unknown!r}")
    for field in type_:
        check_values([row.get(field.name) for row in rows], field.type)


def _check_lists(values: list[Any], item: pa.DataType) -> None:
    arrays = [value for value in values if isinstance(value, np.ndarray) and value.dtype.kind != "O"]
    is_number = pa.types.is_integer(item) or pa.types.is_floating(item)
    kept = {
        dtype: is_number and np.can_cast(dtype, to_numpy_type(item), "safe")
        for dtype in {array.dtype for array in arrays}
    }
    for array in arrays:
        if not kept[array.dtype]:
            check_values(array, item)
    is_array = set(map(id, arrays))
    check_values(chain.from_iterable(value for value in values if id(value) not in is_array), item)


def _check_integers(values: Iterable[Any]) -> None:
    values = values if isinstance(values, Sequence) else list(values)
    if all(issubclass(each, int | np.integer | type(None)) for each in set(map(type, values))):
        return
    for value in values:
        if isinstance(value, float | np.floating | Decimal) and value == value and value != int(value):
            raise ValueError(f"{value!r} is not an integer")


def _check_floats(values: Iterable[Any], dtype: type[np.floating[Any]]) -> None:
    is_array = isinstance(values, np.ndarray)
    numbers = np.array(values if is_array else [np.nan if each is None else each for each in values], float)
    with np.errstate(over="ignore"):
        is_lost = np.isfinite(numbers) & ~np.isfinite(numbers.astype(dtype))
    if is_lost.any():
        raise ValueError(f"{numbers[is_lost][0]!r} is beyond the range of {dtype.__name__}")


def _check_times(values: Iterable[Any], type_: Any) -> None:
    is_date = pa.types.is_date(type_)
    unit = 10**9 if is_date or not hasattr(type_, "unit") else _NANOSECONDS.get(type_.unit, 1)
    has_zone = pa.types.is_timestamp(type_) and type_.tz is not None
    for value in values:
        if isinstance(value, float | np.floating):
            raise ValueError(f"{value!r} is not a time")
        if is_date and isinstance(value, datetime.datetime):
            raise ValueError(f"{value!r} is a time, not a date")
        if isinstance(value, datetime.datetime | datetime.time) and (value.tzinfo is not None) != has_zone:
            raise ValueError(f"{value!r} has {'no' if has_zone else 'a'} time zone")
        if _count_nanoseconds(value) % unit:
            raise ValueError(f"{value!r} has digits beyond {type_}")


def _count_nanoseconds(value: Any) -> int:
    """Count the nanoseconds of a time after its last whole second."""
    if isinstance(value, datetime.timedelta):
        return value.microseconds * 1000 + getattr(value, "nanoseconds", 0)
    return getattr(value, "microsecond", 0) * 1000 + getattr(value, "nanosecond", 0)
