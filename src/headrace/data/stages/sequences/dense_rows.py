"""Write lists of any length as rows of one length, by a kernel that copies each list as a whole.

These functions are called for every batch: they take microseconds beside the copy.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from headrace import _native
from headrace.columns import Ragged, from_arrow, to_arrow, to_numpy_type
from headrace.errors import SchemaError

__all__ = ["fit_value", "pad_lists", "read_lists", "to_column"]


def read_lists(array: pa.Array, name: str) -> Ragged:
    """Convert lists of numbers to NumPy as `from_arrow` does, faster for lists without nulls.

    Raises:
        SchemaError: Values that are not numbers, integers that are missing, or invalid offsets.
    """
    type_ = array.type.value_type
    if not (pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_boolean(type_)):
        raise SchemaError(
            f"expected lists of numbers, got Arrow type {array.type}",
            feature=name,
            hint="look strings up in a vocabulary first",
        )
    validity, offsets, values_validity, data = array.buffers()
    has_nulls = validity is not None or values_validity is not None
    if has_nulls or offsets is None or data is None or pa.types.is_boolean(type_):
        return from_arrow(array, name)
    dtype = to_numpy_type(type_)
    width = 8 if pa.types.is_large_list(array.type) else 4
    try:
        bounds = np.ndarray(len(array) + 1, f"i{width}", offsets, array.offset * width)
        first = int(bounds[0])
        if first < 0:  # NumPy would read in front of the buffer
            raise _broken(name)
        start = (first + array.values.offset) * dtype.itemsize
        values = np.ndarray(int(bounds[-1]) - first, dtype, data, start)
    except (TypeError, ValueError) as error:  # the views would lie outside the buffers
        raise _broken(name) from error
    return Ragged(values, np.subtract(bounds, first, dtype=np.int64))


def _broken(name: str) -> SchemaError:
    hint = "the file or program that made the data is broken"
    return SchemaError("the offsets of lists lie outside their values", feature=name, hint=hint)


def to_column(dense: np.ndarray) -> pa.Array:
    """Convert a contiguous array [rows, length] of numbers or booleans to Arrow; numbers are not copied."""
    if dense.dtype == bool:
        return to_arrow(dense)
    rows, length = dense.shape
    type_ = pa.from_numpy_dtype(dense.dtype)
    values = pa.Array.from_buffers(type_, dense.size, [None, pa.py_buffer(dense)])
    return pa.Array.from_buffers(pa.list_(type_, length), rows, [None], children=[values])


def pad_lists(lists: Ragged, length: int, fill: float, name: str) -> np.ndarray:
    """Write each list as a row of `length` values: cut longer lists, and fill shorter ones up.

    Args:
        lists: Contiguous values of numbers or booleans, and their row splits, int64.
        length: The values of a row.
        fill: The value after the end of a list.
        name: The name of the column, for errors.

    Returns:
        An array [rows, length] of the values' dtype.

    Raises:
        SchemaError: `fill` does not fit into the values' dtype, or the splits descend.
    """
    values, splits = lists
    filling = fit_value(fill, values.dtype, name)
    try:
        dense = _native.pad_lists(values.view(np.uint8), splits, length, filling.view(np.uint8))
    except ValueError as error:
        raise _broken(name) from error
    return dense.view(values.dtype).reshape(len(splits) - 1, length)


@lru_cache
def fit_value(value: float, dtype: np.dtype[Any], name: str) -> np.ndarray:
    """Convert a number to an array [1] of a dtype, not to be written; rounding to floats is not an error.

    Raises:
        SchemaError: The number does not fit.
    """
    if dtype.kind == "f":
        return np.asarray([value], np.float64).astype(dtype)
    limits = np.iinfo(np.uint8 if dtype.kind == "b" else dtype)
    largest = 1 if dtype.kind == "b" else limits.max
    if value != int(value) or not limits.min <= value <= largest:
        hint = f"pass a value of {dtype}"
        raise SchemaError(f"{value:g} does not fit into {dtype}", feature=name, hint=hint)
    return np.asarray([int(value)], dtype)
