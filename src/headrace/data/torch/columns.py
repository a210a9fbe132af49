"""Convert one Arrow column to tensors, by a function that is chosen once for the column's type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import Ragged, Strings, from_arrow, is_file_struct, to_numpy_type
from headrace.errors import SchemaError

__all__ = ["ReadColumn", "make_reader"]

_BYTES = "decode images first, by hr.transform.decode_image and resize, or drop the column"
ReadColumn = Callable[[pa.Array], Any]  # to an ndarray or Strings, or a Ragged; they may share Arrow's memory


@lru_cache(maxsize=1024)  # padded columns have another type in each batch
def make_reader(field: pa.Field) -> ReadColumn:
    """Return a function that converts an array of the field's type to NumPy, or to `Strings`.

    It returns what `from_arrow` returns, faster for numbers without nulls.

    Raises:
        SchemaError: When called: a type or nulls that `from_arrow` does not support, or bytes.
    """
    name, type_ = field.name, field.type
    if _is_number(type_):
        return _read_scalars(name, to_numpy_type(type_))
    if isinstance(type_, pa.FixedShapeTensorType) and _is_number(type_.value_type):
        return _read_dense(name, to_numpy_type(type_.value_type), type_.shape)
    if pa.types.is_fixed_size_list(type_) and _is_number(type_.value_type):
        return _read_dense(name, to_numpy_type(type_.value_type), (type_.list_size,))
    if pa.types.is_list(type_) and _is_number(type_.value_type):
        return _read_ragged(name, to_numpy_type(type_.value_type))
    return _read_any(name)


def _is_number(type_: pa.DataType) -> bool:
    return pa.types.is_integer(type_) or pa.types.is_floating(type_)


def _read_any(name: str) -> ReadColumn:
    def read(array: pa.Array) -> Any:
        if (
            pa.types.is_binary(array.type)
            or pa.types.is_large_binary(array.type)
            or is_file_struct(array.type)
        ):
            raise SchemaError("bytes cannot be converted to a tensor", feature=name, hint=_BYTES)
        value = from_arrow(array, name)
        if isinstance(value, Ragged) and isinstance(value.values, pa.Array):
            return Ragged(Strings(value.values), value.row_splits)
        return Strings(value) if isinstance(value, pa.Array) else value

    return read


def _read_scalars(name: str, dtype: np.dtype[Any]) -> ReadColumn:
    size = dtype.itemsize
    read_any = _read_any(name)

    def read(array: pa.Array) -> Any:
        validity, data = array.buffers()
        if validity is not None or data is None:
            return read_any(array)
        return np.ndarray(len(array), dtype, data, array.offset * size)

    return read


def _read_dense(name: str, dtype: np.dtype[Any], shape: Sequence[int]) -> ReadColumn:
    length = int(np.prod(shape))
    size = dtype.itemsize
    read_any = _read_any(name)

    def read(array: pa.Array) -> Any:
        storage = array.storage if isinstance(array, pa.ExtensionArray) else array
        validity, values_validity, data = storage.buffers()
        if validity is not None or values_validity is not None or data is None:
            return read_any(array)
        start = storage.offset * length + storage.values.offset
        return np.ndarray((len(storage), *shape), dtype, data, start * size)

    return read


def _read_ragged(name: str, dtype: np.dtype[Any]) -> ReadColumn:
    size = dtype.itemsize
    read_any = _read_any(name)

    def read(array: pa.Array) -> Any:
        validity, offsets, values_validity, data = array.buffers()
        if validity is not None or values_validity is not None or offsets is None or data is None:
            return read_any(array)
        bounds = np.ndarray(len(array) + 1, np.int32, offsets, array.offset * 4)
        first = int(bounds[0])
        if first < 0:  # NumPy would read in front of the buffer
            raise SchemaError("an offset of lists is negative", feature=name, hint="repair the data")
        start = (first + array.values.offset) * size
        values = np.ndarray(int(bounds[-1]) - first, dtype, data, start)
        return Ragged(values, np.subtract(bounds, first, dtype=np.int64))

    return read
