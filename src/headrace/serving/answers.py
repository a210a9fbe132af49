"""The answers of a model: tensors as a record batch, and rows as JSON values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from struct import pack
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import Ragged, to_arrow

__all__ = ["hide_infinity", "to_answers", "to_json_rows"]


def to_answers(tensors: Mapping[str, np.ndarray]) -> pa.RecordBatch:
    """Convert each tensor to a column, and `x.values` with `x.row_splits` to a column of lists."""
    columns = dict[str, pa.Array]()
    for name, value in tensors.items():
        column, _, part = name.rpartition(".")
        if part == "row_splits" and f"{column}.values" in tensors:
            continue
        if part == "values" and f"{column}.row_splits" in tensors:
            splits = tensors[f"{column}.row_splits"]
            columns[column] = to_arrow(Ragged(_to_arrow(value), splits))
        else:
            columns[name] = _to_arrow(value)
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _to_arrow(value: np.ndarray) -> pa.Array:
    if value.dtype != object or value.ndim != 1:
        return to_arrow(value)
    if len(value) != 1:
        return pa.array(value.tolist(), pa.string())
    text = value[0].encode()  # an array of one string, in a third of the time
    return pa.StringArray.from_buffers(1, pa.py_buffer(pack("=ii", 0, len(text))), pa.py_buffer(text))


def to_json_rows(answers: pa.RecordBatch) -> list[dict[str, Any]]:
    """Convert answers to rows of JSON values: None, which JSON writes as null, for NaN and infinity.

    JSON has no number for these, and most programs refuse the words that Python writes for them.

    >>> to_json_rows(pa.record_batch({"price": [1.5, float("nan")]}))
    [{'price': 1.5}, {'price': None}]
    """
    values = [_to_values(column) for column in answers.columns]
    return [dict(zip(answers.schema.names, row, strict=True)) for row in zip(*values, strict=True)]


def hide_infinity(column: pa.Array) -> pa.Array:
    """Return a column whose infinite values are missing; JSON writes NaN and what is missing as null."""
    leaves = _leaves(column)
    if not pa.types.is_floating(leaves.type) or not np.isinf(leaves.to_numpy(zero_copy_only=False)).any():
        return column
    if isinstance(column, pa.ExtensionArray):
        return pa.ExtensionArray.from_storage(column.type, hide_infinity(column.storage))
    return pa.array([_replace(each) for each in column.to_pylist()], column.type)


def _leaves(column: pa.Array) -> pa.Array:
    """Return the values inside lists and tensors."""
    values = column.storage if isinstance(column, pa.ExtensionArray) else column
    while pa.types.is_nested(values.type) and not pa.types.is_struct(values.type):
        values = values.flatten()
    return values


def _to_values(column: pa.Array) -> list[Any]:
    is_tensor = isinstance(column, pa.FixedShapeTensorArray)
    values = column.to_numpy_ndarray().tolist() if is_tensor else column.to_pylist()
    return values if _is_finite(column) else [_replace(each) for each in values]


def _is_finite(column: pa.Array) -> bool:
    values = _leaves(column)
    if not pa.types.is_floating(values.type):
        return True
    return bool(np.isfinite(values.to_numpy(zero_copy_only=False)).all())


def _replace(value: Any) -> Any:
    if isinstance(value, list):
        return [_replace(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
