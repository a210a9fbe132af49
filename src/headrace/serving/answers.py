"""The answers of a model: tensors as a record batch, and rows as JSON values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from struct import pack
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import Ragged, to_arrow
from headrace.errors import ModelError

__all__ = ["to_answers", "to_json_rows", "to_text_values"]


def to_answers(tensors: Mapping[str, np.ndarray]) -> pa.RecordBatch:
    """Convert each tensor to a column, and `x.values` with `x.row_splits` to a column of lists.

    Raises:
        ModelError: The tensors do not have one row for each row; Headrace did not write such a model.
    """
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
    try:
        return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
    except ValueError as error:
        counts = ", ".join(f"'{name}' {len(column):,}" for name, column in columns.items())
        what = f"expected outputs of the same number of rows, got {counts}"
        raise ModelError(what, hint="take the tensors as they are, by Predictor.run") from error


def _to_arrow(value: np.ndarray) -> pa.Array:
    if value.dtype != object or value.ndim != 1:
        return to_arrow(value if value.ndim else value[None])
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
    if len(values) == 1:
        (name,) = answers.schema.names
        return [{name: value} for value in values[0]]
    return [dict(zip(answers.schema.names, row, strict=True)) for row in zip(*values, strict=True)]


def to_text_values(column: pa.Array) -> pa.Array:
    """Return a column as JSON writes it: floats with the digits of float64, NaN where they are infinite.

    A reader parses the digits as float64, and gets the number that the model answered. JSON writes NaN and
    what is missing as null.
    """
    if isinstance(column, pa.FixedShapeTensorArray):
        storage = to_text_values(column.storage)
        type_ = pa.fixed_shape_tensor(storage.type.value_type, column.type.shape)
        return pa.ExtensionArray.from_storage(type_, storage)
    leaves = _leaves(column)
    if not pa.types.is_floating(leaves.type):
        return column
    if not pa.types.is_nested(column.type):  # without a cast, which takes long to load, here and below
        values = column.to_numpy(zero_copy_only=False).astype(np.float64)
        values[np.isinf(values)] = np.nan
        return to_arrow(values)
    is_dense = pa.types.is_fixed_size_list(column.type) and not pa.types.is_nested(column.type.value_type)
    if is_dense and not column.null_count and not leaves.null_count:
        return pa.FixedSizeListArray.from_arrays(to_text_values(leaves), column.type.list_size)
    column = column.cast(_widen(column.type))
    if not np.isinf(leaves.to_numpy(zero_copy_only=False)).any():
        return column
    return pa.array([_replace(each) for each in column.to_pylist()], column.type)


def _widen(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_fixed_size_list(type_):
        return pa.list_(_widen(type_.value_type), type_.list_size)
    return pa.list_(_widen(type_.value_type)) if pa.types.is_nested(type_) else pa.float64()


def _leaves(column: pa.Array) -> pa.Array:
    """Return the values inside lists and tensors."""
    values = column.storage if isinstance(column, pa.ExtensionArray) else column
    while pa.types.is_nested(values.type) and not pa.types.is_struct(values.type):
        values = values.flatten()
    return values


def _to_values(column: pa.Array) -> list[Any]:
    if isinstance(column, pa.FixedShapeTensorArray):
        values = column.to_numpy_ndarray().tolist()
    elif (
        pa.types.is_primitive(column.type) and not pa.types.is_temporal(column.type) and not column.null_count
    ):
        values = column.to_numpy(zero_copy_only=False).tolist()  # in a tenth of the time
    else:
        values = column.to_pylist()
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
