"""Conversion of a layer's inputs and outputs: a column as a list, in NumPy, torch or Arrow.

float64 becomes float32, as everywhere before a model, since models compute in float32.

    input                            output                  ragged output
    list, nested list                NumPy array             nested lists
    NumPy array [rows, ...]          NumPy array             Ragged
    torch tensor [rows, ...]         torch tensor            Ragged of tensors
    Ragged, of NumPy or tensors      the same                the same
    Arrow array or chunked array     Arrow array             Arrow list array

Output strings are a list for a list, otherwise a NumPy array of objects. Strings in a two-dimensional NumPy
array are converted to lists, and the outputs back to the array's shape.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from headrace.columns import Ragged, from_arrow, to_arrow
from headrace.errors import SchemaError

__all__ = ["convert_like", "to_column"]


def to_column(data: Any) -> Any:
    """Convert data to a column: a NumPy array, an Arrow array of strings, or `Ragged`.

    Raises:
        SchemaError: The values do not form a column, such as numbers mixed with strings.
    """
    if isinstance(data, torch.Tensor):
        data = data.detach().cpu().numpy()
    if isinstance(data, Ragged):
        return Ragged(to_column(data.values), np.asarray(to_column(data.row_splits), np.int64))
    if isinstance(data, pa.Array | pa.ChunkedArray):
        return _to_float32(from_arrow(data))
    array = data if isinstance(data, np.ndarray) else _from_list(data)
    if isinstance(array, np.ndarray) and array.dtype.kind in "SUO":
        array = pa.array(array.tolist())
    if isinstance(array, np.ndarray):
        return _to_float32(np.atleast_1d(array))
    return _to_float32(from_arrow(array))


def _from_list(data: Any) -> Any:
    try:
        array = np.asarray(data)
    except ValueError:  # rows of different lengths
        array = None
    if array is not None and array.dtype.kind in "biuf":
        return array
    try:
        return pa.array([data] if isinstance(data, str | bytes) else data)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError) as error:
        what = f"expected values of one type, got a mixture ({error})"
        raise SchemaError(what, hint="convert the values to one type") from error


def _to_float32(value: Any) -> Any:
    if isinstance(value, Ragged):
        return Ragged(_to_float32(value.values), value.row_splits)
    if isinstance(value, np.ndarray) and value.dtype in (np.float64, np.float16):
        return value.astype(np.float32)
    return value


def convert_like(data: Any, result: Any) -> Any:
    """Convert a result column to the form of the input `data`; see the table of this module."""
    if isinstance(data, pa.Array | pa.ChunkedArray):
        return to_arrow(result)
    if isinstance(result, Ragged):
        if isinstance(data, np.ndarray) and data.ndim == 2 and len(result.values) == data.size:
            return np.asarray(convert_like(data, result.values)).reshape(data.shape)
        if isinstance(data, torch.Tensor) or (isinstance(data, Ragged) and _is_tensor(data.values)):
            return Ragged(torch.as_tensor(result.values), torch.as_tensor(result.row_splits))
        return (
            _to_nested_lists(result)
            if isinstance(data, list | tuple) and not isinstance(data, Ragged)
            else result
        )
    if isinstance(result, pa.Array):
        strings = result.to_pylist()
        return np.array(strings, np.object_) if isinstance(data, np.ndarray | torch.Tensor) else strings
    return torch.as_tensor(result) if isinstance(data, torch.Tensor) or _is_tensor(data) else result


def _is_tensor(data: Any) -> bool:
    return isinstance(data.values if isinstance(data, Ragged) else data, torch.Tensor)


def _to_nested_lists(result: Ragged) -> list[list[Any]]:
    values = result.values.to_pylist() if isinstance(result.values, pa.Array) else result.values.tolist()
    return [values[start:end] for start, end in pairwise(np.asarray(result.row_splits).tolist())]
