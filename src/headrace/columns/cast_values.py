"""Cast values that are not lists; see `cast`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns.arrays import TIMESTAMP
from headrace.columns.cast_dates import cast_dates
from headrace.columns.wrong_value import wrong_value
from headrace.errors import SchemaError

__all__ = ["cast_values"]

_EXACT = 2**53  # float64 holds all integers up to here
_FLOATS = {"halffloat": "float16", "float": "float32", "double": "float64"}


def cast_values(values: pa.Array, dtype: str, name: str, default: Any, find_row: Callable[[int], int]) -> Any:
    """Cast values.

    Args:
        values: Numbers, booleans or strings, without dictionaries.
        dtype: The dtype to cast to.
        name: The column, for messages.
        default: What a missing value becomes; None is NaN or the empty string.
        find_row: Returns the row of a value by its place, for messages.

    Raises:
        SchemaError: A value does not fit, or is missing without a default.
    """
    if isinstance(values.type, pa.BaseExtensionType):
        values = values.storage
    type_ = values.type
    if pa.types.is_null(type_):
        values, type_ = _cast_nulls(values, dtype), _null_type(dtype)
    if dtype == TIMESTAMP:
        return cast_dates(values, name, default, find_row)
    if dtype == "string":
        return _cast_strings(values, name, default, find_row)
    if pa.types.is_decimal(type_):
        values = _from_decimals(values, dtype)
        type_ = values.type
    if not (pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_boolean(type_)):
        raise _mismatch(type_, dtype, name)
    if pa.types.is_boolean(type_) != (dtype == "bool") and pa.types.is_boolean(type_):
        raise _mismatch(type_, dtype, name)
    array = _to_numpy(values)
    missing = _find_missing(values, array, is_held=dtype.startswith("float") and default is None)
    if missing is not None:
        if default is None and not dtype.startswith("float"):
            row = find_row(int(np.argmax(missing)))
            hint = "fill it first, or declare the column float64 before training"
            raise wrong_value(f"expected {dtype}, got a missing value", row, name, hint)
        array = np.where(missing, np.zeros((), array.dtype), array)
    wrong = _find_wrong(array, dtype)
    if wrong is not None:
        index = int(np.argmax(wrong))
        raise wrong_value(f"expected {dtype}, got {array[index]}", find_row(index), name, "fix the value")
    cast = array.astype(dtype, copy=False)
    if missing is not None:
        cast = np.where(missing, np.asarray(np.nan if default is None else default, cast.dtype), cast)
    return cast


def _null_type(dtype: str) -> pa.DataType:
    return pa.string() if dtype in ("string", TIMESTAMP) else pa.float64()


def _cast_nulls(values: pa.Array, dtype: str) -> pa.Array:
    return pa.nulls(len(values), _null_type(dtype))


def _to_numpy(values: pa.Array) -> np.ndarray:
    """Convert numbers and booleans; what stands for a missing one is any value."""
    if not values.null_count:
        return np.asarray(values.to_numpy(zero_copy_only=False))
    data = values.buffers()[1]
    if pa.types.is_boolean(values.type):
        return _read_bits(data, values)
    dtype = _FLOATS.get(str(values.type), str(values.type))
    return np.frombuffer(data, dtype)[values.offset : values.offset + len(values)]


def _read_bits(bits: pa.Buffer, values: pa.Array) -> np.ndarray:
    every = np.unpackbits(np.frombuffer(bits, np.uint8), bitorder="little")
    return every[values.offset : values.offset + len(values)].astype(bool)


def _find_missing(values: pa.Array, array: np.ndarray, is_held: bool) -> np.ndarray | None:
    """Return which values are null, or NaN unless NaN is held as it is."""
    missing = ~_read_bits(values.buffers()[0], values) if values.null_count else None
    if array.dtype.kind == "f" and not is_held:
        nan = np.isnan(array)
        if nan.any():
            missing = nan if missing is None else missing | nan
    return missing


def _find_wrong(array: np.ndarray, dtype: str) -> np.ndarray | None:
    """Return which values the dtype does not hold, or None if it holds all."""
    if str(array.dtype) == dtype or not array.size:
        return None
    found, kind = array.dtype.kind, np.dtype(dtype).kind
    if kind == "b":
        wrong = ~((array == 0) | (array == 1))
    elif kind == "f":
        wrong = _overflow(array, dtype)
        if found != "f":
            wrong |= _beyond(array)
    else:
        limits = np.iinfo(dtype)
        wrong = np.zeros(array.shape, bool)
        if found == "f":
            array = array.astype(np.float64)  # float16 does not hold the limits
            wrong |= ~(np.abs(array) <= _EXACT) | (np.trunc(array) != array)
        with np.errstate(invalid="ignore"):
            wrong |= (array < limits.min) | (array > limits.max)
    return wrong if wrong.any() else None


def _beyond(integers: np.ndarray) -> np.ndarray:
    """Return which integers are larger than those that float64 holds one by one."""
    if integers.dtype.itemsize < 8:
        return np.zeros(integers.shape, bool)
    wrong = integers > _EXACT
    return wrong if integers.dtype.kind == "u" else wrong | (integers < -_EXACT)


def _overflow(array: np.ndarray, dtype: str) -> np.ndarray:
    """Return which numbers would become infinite."""
    if np.can_cast(array.dtype, dtype):
        return np.zeros(array.shape, bool)
    with np.errstate(over="ignore"):
        return np.isinf(array.astype(dtype)) & ~np.isinf(array)


def _from_decimals(values: pa.Array, dtype: str) -> pa.Array:
    """Convert decimals to the nearest float64, or to integers if all are whole."""
    numbers = values.to_pylist()
    whole = all(each is None or each == each.to_integral_value() for each in numbers)
    if dtype.startswith("float") or not whole:
        return pa.array([None if each is None else float(each) for each in numbers], pa.float64())
    integers = [None if each is None else int(each) for each in numbers]
    try:
        return pa.array(integers, pa.int64())
    except (OverflowError, pa.ArrowInvalid):
        return pa.array([None if each is None else float(each) for each in integers], pa.float64())


def _cast_strings(values: pa.Array, name: str, default: Any, find_row: Callable[[int], int]) -> pa.Array:
    type_ = values.type
    if pa.types.is_floating(type_) and np.isnan(_to_numpy(values.fill_null(np.nan))).all():
        values, type_ = pa.nulls(len(values), pa.string()), pa.string()  # how pandas holds missing strings
    if pa.types.is_fixed_size_binary(type_):
        values = values.cast(pa.binary())
    elif not _is_text(type_):
        raise _mismatch(type_, "string", name)
    if not pa.types.is_string(type_):
        try:
            values = values.cast(pa.string())
        except pa.ArrowInvalid:
            index = next(index for index, each in enumerate(values.to_pylist()) if not _decodes(each))
            what = "expected text, got bytes that are not UTF-8"
            raise wrong_value(what, find_row(index), name, "fix the data") from None
    return values.fill_null("" if default is None else default) if values.null_count else values


def _is_text(type_: pa.DataType) -> bool:
    t = pa.types
    return t.is_string(type_) or t.is_large_string(type_) or t.is_binary(type_) or t.is_large_binary(type_)


def _decodes(value: bytes | str | None) -> bool:
    try:
        return value is None or isinstance(value, str) or bool(value.decode()) or True
    except UnicodeDecodeError:
        return False


def _mismatch(found: pa.DataType, dtype: str, name: str) -> SchemaError:
    shown = _FLOATS.get(str(found), str(found))
    hint = "cast the column"
    if dtype == "string" and (pa.types.is_integer(found) or pa.types.is_floating(found)):
        hint = "pass strings: a number has lost its leading zeros"
    return SchemaError(f"expected a column of {dtype}, got {shown}", feature=name or None, hint=hint)
