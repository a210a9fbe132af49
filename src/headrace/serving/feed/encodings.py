"""Cells that are decoded before they become a tensor, by the `encoding` that the signature names."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import cast_column
from headrace.errors import ModelError
from headrace.serving.signature import Input

__all__ = ["decode_column"]


def decode_column(array: pa.Array, column: Input) -> pa.Array:
    """Decode the cells of a column; one without an encoding is unchanged.

    Raises:
        ModelError: The encoding is unknown.
        SchemaError: A cell does not fit its encoding; names the row.
    """
    if column.encoding is None:
        return array
    if column.encoding not in _DECODERS:
        what = f"the model has cells of an unknown encoding, {column.encoding!r}"
        raise ModelError(what, feature=column.name, hint="use the version of Headrace that exported the file")
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if isinstance(array, pa.DictionaryArray):
        array = array.dictionary_decode()
    return _DECODERS[column.encoding](array, column)


def _decode_numbers(array: pa.Array, column: Input) -> pa.Array:  # noqa: ARG001
    """Read numbers as float64; null for words, infinities and what is missing."""
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return pa.array([_read_number(each) for each in array.to_pylist()], pa.float64())
    if pa.types.is_boolean(array.type):
        return array.cast(pa.int8()).cast(pa.float64())
    if pa.types.is_decimal(array.type):
        return array.cast(pa.float64())
    if not (pa.types.is_integer(array.type) or pa.types.is_floating(array.type)):
        return array
    numbers = array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return pa.array(numbers, mask=~np.isfinite(numbers))


def _read_number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _decode_booleans(array: pa.Array, column: Input) -> pa.Array:
    """Read booleans, 0 and 1 as the numbers 0 and 1; null for what is missing."""
    if pa.types.is_null(array.type):
        return array
    missing = array.is_null(nan_is_null=True).to_numpy(zero_copy_only=False)
    filled = cast_column(array, "bool", name=column.name, default=False)
    return pa.array(filled.astype(np.float64), mask=missing)


_DECODERS: dict[str, Callable[[pa.Array, Input], Any]] = {
    "number": _decode_numbers,
    "boolean": _decode_booleans,
}
