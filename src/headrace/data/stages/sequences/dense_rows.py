"""Write lists of any length as rows of one length, by a kernel that copies each list as a whole."""

from __future__ import annotations

from typing import Any

import numpy as np

from headrace import _native
from headrace.columns import Ragged
from headrace.errors import SchemaError

__all__ = ["fit_value", "pad_lists"]


def pad_lists(lists: Ragged, length: int, fill: float, name: str) -> np.ndarray:
    """Write each list as a row of `length` values: cut longer lists, and fill shorter ones up.

    Args:
        lists: Values of any dtype of fixed size, and their row splits, int64.
        length: The values of a row.
        fill: The value after the end of a list.
        name: The name of the column, for errors.

    Returns:
        An array [rows, length] of the values' dtype.

    Raises:
        SchemaError: `fill` does not fit into the values' dtype.
    """
    values = np.ascontiguousarray(lists.values)
    splits = np.ascontiguousarray(lists.row_splits, np.int64)
    filling = fit_value(fill, values.dtype, name)
    dense = _native.pad_lists(values.view(np.uint8), splits, length, filling.view(np.uint8))
    return dense.view(values.dtype).reshape(len(splits) - 1, length)


def fit_value(value: float, dtype: np.dtype[Any], name: str) -> np.ndarray:
    """Convert a number to an array [1] of a dtype; rounding to a float type is not an error.

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
