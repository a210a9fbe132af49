"""Convert one Arrow column to tensors, by a function that is chosen once for the column's type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import Ragged, from_arrow
from headrace.errors import SchemaError

__all__ = ["ReadColumn", "make_reader"]

_STRINGS = "look them up in a vocabulary first, or drop the column"
_BYTES = "decode images first, by hr.transform.decode_image and resize, or drop the column"
ReadColumn = Callable[[pa.Array], Any]  # to an ndarray or a Ragged of two, which may share Arrow's memory


@lru_cache(maxsize=1024)  # padded columns have another type in each batch
def make_reader(field: pa.Field) -> ReadColumn:
    """Return a function that converts an array of the field's type to NumPy.

    It returns what `from_arrow` returns, faster for numbers without nulls.

    Raises:
        SchemaError: When called: a type or nulls that `from_arrow` does not support, or strings.
    """
    name, type_ = field.name, field.type
    if _is_number(type_):
        return _read_scalars(name, _scalar_type(type_))
    if isinstance(type_, pa.FixedShapeTensorType) and _is_number(type_.value_type):
        return _read_dense(name, _scalar_type(type_.value_type), type_.shape)
    if pa.types.is_fixed_size_list(type_) and _is_number(type_.value_type):
        return _read_dense(name, _scalar_type(type_.value_type), (type_.list_size,))
    if pa.types.is_list(type_) and _is_number(type_.value_type):
        return _read_ragged(name, _scalar_type(type_.value_type))
    return _read_any(name)


def _scalar_type(type_: pa.DataType) -> type[np.generic]:
    """Return the NumPy type of a number; `to_pandas_dtype` does the same, but loads pandas."""
    return np.dtype(f"float{type_.bit_width}" if pa.types.is_floating(type_) else str(type_)).type


def _is_number(type_: pa.DataType) -> bool:
    return pa.types.is_integer(type_) or pa.types.is_floating(type_)


def _read_any(name: str) -> ReadColumn:
    def read(array: pa.Array) -> Any:
        if pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type):
            raise SchemaError("bytes cannot be converted to a tensor", feature=name, hint=_BYTES)
        value = from_arrow(array, name)
        if isinstance(value.values if isinstance(value, Ragged) else value, pa.Array):
            raise SchemaError("strings cannot be converted to a tensor", feature=name, hint=_STRINGS)
        return value

    return read


def _read_scalars(name: str, dtype: type[np.generic]) -> ReadColumn:
    size = np.dtype(dtype).itemsize
    read_any = _read_any(name)

    def read(array: pa.Array) -> Any:
        validity, data = array.buffers()
        if validity is not None or data is None:
            return read_any(array)
        return np.ndarray(len(array), dtype, data, array.offset * size)

    return read


def _read_dense(name: str, dtype: type[np.generic], shape: Sequence[int]) -> ReadColumn:
    length = int(np.prod(shape))
    size = np.dtype(dtype).itemsize
    read_any = _read_any(name)

    def read(array: pa.Array) -> Any:
        storage = array.storage if isinstance(array, pa.ExtensionArray) else array
        validity, values_validity, data = storage.buffers()
        if validity is not None or values_validity is not None or data is None:
            return read_any(array)
        start = storage.offset * length + storage.values.offset
        return np.ndarray((len(storage), *shape), dtype, data, start * size)

    return read


def _read_ragged(name: str, dtype: type[np.generic]) -> ReadColumn:
    size = np.dtype(dtype).itemsize
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
