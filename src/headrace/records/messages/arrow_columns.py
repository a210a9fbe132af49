"""From a parser's memory to Arrow arrays: what a field takes is worked out once, not for every batch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from headrace.records.schema.defaults import default_of, fill
from headrace.records.schema.example import is_list, numpy_type

__all__ = ["column_builder", "list_column_builder"]

# What a parser has of a feature (values, offsets, row splits, validity: NumPy arrays or None), and the rows.
Assembly: TypeAlias = Callable[[int, Any, Any, Any, Any], pa.Array]
# The same without rows and row splits, of values one after the other.
_Flat: TypeAlias = Callable[[Any, Any, Any], pa.Array]

_of_buffers = pa.Array.from_buffers
_PARSED = (np.dtype(np.float32), np.dtype(np.int64))  # what parsers give, so that nothing is to be narrowed


def column_builder(field: pa.Field) -> Assembly:
    """How a feature becomes a column of the field's type, its default where it is missing.

    Raises:
        SchemaError: The default is not of the field's type.
    """
    assemble, value = _column(field.type), default_of(field)
    return assemble if value is None else lambda rows, *memory: fill(assemble(rows, *memory), value)


def list_column_builder(type_: pa.DataType) -> Callable[[int, Any, Any, Any], pa.Array]:
    """How a feature list becomes a column, of rows, its steps' memory, row splits and validity."""
    assemble, splits_of = _column(type_.value_type), _offsets(type_)

    def column(rows: int, steps: Any, row_splits: Any, validity: Any) -> pa.Array:
        child = assemble(int(row_splits[-1]), *steps)
        return _of_buffers(type_, rows, [_bitmap(validity), splits_of(row_splits)], children=[child])

    return column


def _column(type_: pa.DataType) -> Assembly:
    if pa.types.is_dictionary(type_):
        plain = _column(type_.value_type)
        return lambda rows, *memory: plain(rows, *memory).cast(type_)
    if is_list(type_):
        return partial(_lists, type_, _flat(type_.value_type), _offsets(type_))
    if isinstance(type_, pa.FixedShapeTensorType):
        storage = _column(type_.storage_type)
        return lambda rows, *memory: pa.ExtensionArray.from_storage(type_, storage(rows, *memory))
    if pa.types.is_fixed_size_list(type_):
        return partial(_fixed, type_, _flat(type_.value_type))
    scalars = _flat(type_)
    return lambda rows, values, offsets, row_splits, validity: scalars(values, offsets, validity)  # noqa: ARG005


def _lists(
    type_: pa.DataType,
    flat: _Flat,
    splits_of: Callable[[Any], pa.Buffer],
    rows: int,
    values: Any,
    offsets: Any,
    row_splits: Any,
    validity: Any,
) -> pa.Array:
    child = flat(values, offsets, None)
    return _of_buffers(type_, rows, [_bitmap(validity), splits_of(row_splits)], children=[child])


def _fixed(
    type_: pa.DataType,
    flat: _Flat,
    rows: int,
    values: Any,
    offsets: Any,
    row_splits: Any,  # noqa: ARG001
    validity: Any,
) -> pa.Array:
    return _of_buffers(type_, rows, [_bitmap(validity)], children=[flat(values, offsets, None)])


def _flat(type_: pa.DataType) -> _Flat:
    """How values one after the other become an array, narrowed where the type is narrower."""
    if pa.types.is_boolean(type_):
        return lambda values, _, validity: _of_buffers(
            type_, len(values), [_bitmap(validity), pa.py_buffer(_bits(values))]
        )
    if pa.types.is_integer(type_) or pa.types.is_floating(type_):
        return partial(_numbers, type_, numpy_type(type_))
    offsets_of = _offsets(type_)
    return lambda values, offsets, validity: _of_buffers(
        type_, len(offsets) - 1, [_bitmap(validity), offsets_of(offsets), pa.py_buffer(values)]
    )


def _numbers(
    type_: pa.DataType,
    dtype: np.dtype[Any],
    values: Any,
    offsets: Any,  # noqa: ARG001 - where the bytes of raw values end
    validity: Any,
) -> pa.Array:
    values = values if dtype in _PARSED else values.astype(dtype, copy=False)
    return _of_buffers(type_, len(values), [_bitmap(validity), pa.py_buffer(values)])


def _bits(values: Any) -> Any:
    return np.packbits(values.astype(np.bool_), bitorder="little")


def _offsets(type_: pa.DataType) -> Callable[[Any], pa.Buffer]:
    """How a list's or a string's int32 offsets become a buffer, wider where the type is large."""
    is_large = (
        pa.types.is_large_list(type_) or pa.types.is_large_string(type_) or pa.types.is_large_binary(type_)
    )
    return (lambda offsets: pa.py_buffer(offsets.astype(np.int64))) if is_large else pa.py_buffer


def _bitmap(validity: Any) -> pa.Buffer | None:
    return None if validity is None else pa.py_buffer(validity)
