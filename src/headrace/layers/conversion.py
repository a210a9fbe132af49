"""Conversion of a layer's inputs and outputs: a column as a list, in NumPy, torch or Arrow.

float64 becomes float32, as everywhere before a model, since models compute in float32.

    input                            output                  ragged output
    list, nested list                NumPy array             nested lists
    NumPy array [rows, ...]          NumPy array             Ragged
    torch tensor [rows, ...]         torch tensor            Ragged of tensors
    Ragged, of NumPy or tensors      the same                the same
    Arrow array, or table            Arrow array             Arrow list array
    Strings, of to_torch             torch tensor            Ragged of tensors
    Series, of pandas or Polars      NumPy array             nested lists

A table is of one column, in any form of `headrace.tables`; its index does not count. Values that are masked
or missing are NaN, empty strings and empty lists; integers have no such value, and are refused. Output
strings are a list for a list, otherwise a NumPy array of objects. Strings in a two-dimensional NumPy array
are converted to lists, and the outputs back to the array's shape.

A layer that is part of a model, such as an `nn.Sequential`, returns tensors on the model's device, and
`Ragged` of tensors, for all inputs but those of Arrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from headrace.columns import Ragged, Strings, from_arrow, to_arrow
from headrace.errors import SchemaError
from headrace.suggestions import list_names
from headrace.tables import find_table, tensor_to_numpy, to_array

__all__ = ["convert_like", "convert_to_tensors", "only_column", "to_column"]


def to_column(data: Any) -> Any:
    """Convert data to a column: a NumPy array, an Arrow array of strings, or `Ragged`.

    Raises:
        SchemaError: The values do not form a column, such as numbers mixed with strings; or a table has
            several columns.
    """
    if isinstance(data, torch.Tensor):
        data = tensor_to_numpy(data)
    if isinstance(data, Ragged):
        return Ragged(to_column(data.values), np.asarray(to_column(data.row_splits), np.int64))
    if isinstance(data, Strings):
        return data.array
    if isinstance(data, str | bytes):
        data = [data]
    if isinstance(data, list | tuple) and not (data and isinstance(data[0], Mapping)):
        data = _from_list(data)
    elif np.isscalar(data):
        data = np.asarray([data])
    if isinstance(data, np.ndarray) and not np.ma.is_masked(data) and data.dtype.kind in "biuf":
        return _to_float32(np.atleast_1d(np.ma.getdata(data)))
    return _to_float32(from_arrow(_to_arrow(data)))


def only_column(names: Sequence[str]) -> str:
    """Return the name of the only column of a table.

    Raises:
        SchemaError: There are several columns, or none.
    """
    if len(names) != 1:
        hint = "select one: ds.map(lambda batch: batch.select(['name'])), or use layer.on('name')"
        raise SchemaError(f"expected one column, got {list_names(names) or 'none'}", hint=hint)
    return names[0]


def _to_arrow(data: Any) -> Any:
    table = None if isinstance(data, pa.Array | pa.ChunkedArray) else find_table(data, index=False)
    if table is None:
        return to_array(data)
    return table.column(only_column(table.column_names))


def _from_list(data: Sequence[Any]) -> Any:
    """Convert a list of rows to a NumPy array of numbers, or else to an Arrow array."""
    types = set(map(type, data))
    if torch.Tensor in types:
        data = [tensor_to_numpy(row) if isinstance(row, torch.Tensor) else row for row in data]
    is_masked = (
        any(isinstance(row, np.ma.MaskedArray) for row in data) if np.ma.MaskedArray in types else False
    )
    if is_masked and len(set(map(np.shape, data))) == 1:
        return np.ma.stack(data)
    if is_masked or (len(types) > 1 and bool in types):
        return to_array(data)
    try:
        array = np.asarray(data)
    except ValueError:  # rows of different lengths
        return to_array(data)
    return array if array.dtype.kind in "biuf" else to_array(data)


def _to_float32(value: Any) -> Any:
    if isinstance(value, Ragged):
        return Ragged(_to_float32(value.values), value.row_splits)
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.dtype.itemsize != 4:
        return value.astype(np.float32)
    return value


def convert_like(data: Any, result: Any) -> Any:
    """Convert a result column to the form of the input `data`; see the table of this module."""
    if isinstance(data, pa.Array | pa.ChunkedArray | pa.Table):
        return to_arrow(result)
    is_list = isinstance(data, list | tuple) and not isinstance(data, Ragged)
    if isinstance(result, Ragged):
        if isinstance(data, np.ndarray) and data.ndim == 2 and len(result.values) == data.size:
            return np.asarray(convert_like(data, result.values)).reshape(data.shape)
        if isinstance(data, torch.Tensor) or (isinstance(data, Ragged) and _is_tensor(data.values)):
            return Ragged(torch.as_tensor(result.values), torch.as_tensor(result.row_splits))
        return result if isinstance(data, np.ndarray | Ragged) else _to_nested_lists(result)
    if isinstance(result, pa.Array):
        strings = result.to_pylist()
        return strings if is_list or isinstance(data, Ragged) else np.array(strings, np.object_)
    return torch.as_tensor(result) if isinstance(data, torch.Tensor) or _is_tensor(data) else result


def convert_to_tensors(result: Any, device: torch.device | None) -> Any:
    """Convert a result column to tensors, for the next layer of a model; strings to a NumPy array."""
    if isinstance(result, Ragged):
        is_text = isinstance(result.values, pa.Array)
        values = result.values if is_text else torch.as_tensor(result.values, device=device)
        return Ragged(values, torch.as_tensor(result.row_splits, device=device))
    if isinstance(result, pa.Array):
        return np.array(result.to_pylist(), np.object_)
    return torch.as_tensor(result, device=device)


def _is_tensor(data: Any) -> bool:
    return isinstance(data.values if isinstance(data, Ragged) else data, torch.Tensor)


def _to_nested_lists(result: Ragged) -> list[list[Any]]:
    values = result.values.to_pylist() if isinstance(result.values, pa.Array) else result.values.tolist()
    return [values[start:end] for start, end in pairwise(np.asarray(result.row_splits).tolist())]
