"""One column in any form as an Arrow array."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.arguments import is_iterable
from headrace.columns import Ragged, to_arrow
from headrace.errors import HeadraceError, SchemaError
from headrace.tables.pandas_series import from_series, is_series
from headrace.tables.python_values import from_values, to_objects
from headrace.tables.simple_types import simplify_array
from headrace.tables.tensors import tensor_to_numpy

__all__ = ["to_array"]

_UNITS = {  # of NumPy's times, to ones that Arrow has
    "M": {"Y": "D", "M": "D", "W": "D", "h": "s", "m": "s"},
    "m": {"W": "s", "D": "s", "h": "s", "m": "s"},
}


def to_array(values: Any, name: str = "") -> pa.Array | pa.ChunkedArray:
    """Convert a column: one value, or one array, per row.

    Values may be an Arrow array, anything with Arrow's PyCapsule interface (a Polars Series), a Series of
    pandas, a NumPy array [rows, ...], masked or not, a tensor, `headrace.columns.Ragged`, or a list. What is
    masked or missing is null; NaN stays NaN, except in pandas, where it means missing.

    Args:
        values: The column.
        name: Its name, for messages.

    Raises:
        SchemaError: Values of several types, or of one that Arrow does not have; names the row.
    """
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return simplify_array(values, is_foreign=False)
    try:
        return simplify_array(_convert(values, name), is_foreign=True)
    except HeadraceError:
        raise
    except (pa.ArrowException, TypeError, ValueError, OverflowError, RuntimeError) as error:
        text = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        what = f"a {type(values).__name__} cannot be converted to an Arrow column ({text})"
        hint = "pass numbers, booleans or strings of one type"
        raise SchemaError(what, feature=name or None, hint=hint) from error


def _convert(values: Any, name: str) -> pa.Array | pa.ChunkedArray:
    if isinstance(values, Ragged):
        return to_arrow(Ragged(to_array(values.values, name), np.asarray(values.row_splits)))
    if isinstance(values, np.ndarray):
        return _from_numpy(values, name)
    if is_series(values):
        return from_series(values, name)
    if hasattr(values, "__arrow_c_stream__"):
        return pa.chunked_array(values)
    if hasattr(values, "__arrow_c_array__"):
        return pa.array(values)
    if hasattr(values, "detach"):
        return _from_numpy(tensor_to_numpy(values), name)
    if isinstance(values, list | tuple):
        return from_values(values, name)
    if hasattr(values, "__array__"):
        return _from_numpy(np.asarray(values), name)
    if isinstance(values, str | bytes | Mapping | set | frozenset) or not is_iterable(values):
        raise TypeError("it is not a sequence of one value per row")
    return from_values(list(values), name)


def _from_numpy(array: np.ndarray, name: str) -> pa.Array:
    if array.ndim == 0:
        raise ValueError("it has no dimension, expected [rows, ...]")
    dtype = array.dtype
    if dtype.names is not None:
        raise ValueError("it has several fields")
    if dtype.kind in "OT" or (dtype.kind in "US" and array.ndim > 1):
        return from_values(to_objects(array).tolist(), name)
    if dtype.type.__module__.startswith("ml_dtypes"):
        array = array.astype({"i": np.int8, "u": np.uint8}.get(dtype.name[0], np.float32))
    elif dtype.kind in "Mm":
        unit = _UNITS[dtype.kind].get(np.datetime_data(dtype)[0])
        array = array if unit is None else array.astype(f"{dtype.kind}8[{unit}]")
    return to_arrow(array)
