"""Build Arrow arrays from the memory of a native parser.

How a field's array is built is decided once per schema, not once per batch.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from headrace.columns import to_numpy_type
from headrace.records.messages.tensor_columns import decode_tensors
from headrace.records.schema.defaults import fill_nulls, read_default
from headrace.records.schema.example import is_date, is_list, is_serialized
from headrace.tables import has_dictionary

__all__ = ["make_column_builder", "make_list_column_builder"]

# Takes the number of rows and a feature's values, offsets, row splits and validity (NumPy arrays or None).
ColumnBuilder: TypeAlias = Callable[[int, Any, Any, Any, Any], pa.Array]
# Takes the values, offsets and validity of values that lie one after the other.
_Flat: TypeAlias = Callable[[Any, Any, Any], pa.Array]

_from_buffers = pa.Array.from_buffers
_PARSED_TYPES = (np.dtype(np.float32), np.dtype(np.int64))  # need no conversion


def make_column_builder(field: pa.Field) -> ColumnBuilder:
    """Make the function that builds a column of the field's type, with its default where values are missing.

    Raises:
        SchemaError: The default is not of the field's type.
    """
    build, value = _make_builder(field.type), read_default(field)
    if is_serialized(field):
        build = partial(_build_serialized, field, _make_builder(pa.binary()))
    return build if value is None else lambda rows, *memory: fill_nulls(build(rows, *memory), value)


def make_list_column_builder(type_: pa.DataType) -> Callable[[int, Any, Any, Any], pa.Array]:
    """Make the function that builds a column from a feature list.

    It takes the number of rows, the memory of the steps, row splits and validity.
    """
    build, to_buffer = _make_builder(type_.value_type), _make_offsets_converter(type_)

    def column(rows: int, steps: Any, row_splits: Any, validity: Any) -> pa.Array:
        child = build(int(row_splits[-1]), *steps)
        return _from_buffers(type_, rows, [_wrap_bitmap(validity), to_buffer(row_splits)], children=[child])

    return column


def _unpack(type_: pa.DataType) -> pa.DataType:
    """Return a type without dictionaries."""
    if pa.types.is_dictionary(type_):
        return type_.value_type
    if pa.types.is_fixed_size_list(type_):
        return pa.list_(_unpack(type_.value_type), type_.list_size)
    if pa.types.is_list(type_):
        return pa.list_(_unpack(type_.value_type))
    return pa.large_list(_unpack(type_.value_type)) if is_list(type_) else type_


def _encode(array: pa.Array, type_: pa.DataType) -> pa.Array:
    """Encode the values of a column, or those in its lists, in a dictionary."""
    if pa.types.is_dictionary(type_):
        encoded = array.dictionary_encode()
        indices = encoded.indices.cast(type_.index_type)
        return pa.DictionaryArray.from_arrays(indices, encoded.dictionary, ordered=type_.ordered)
    own = array.buffers()[: 2 if is_list(type_) else 1]
    return pa.Array.from_buffers(
        type_, len(array), own, array.null_count, children=[_encode(array.values, type_.value_type)]
    )


def _make_builder(type_: pa.DataType) -> ColumnBuilder:
    if has_dictionary(type_):
        values = _make_builder(_unpack(type_))
        return lambda rows, *memory: _encode(values(rows, *memory), type_)
    if is_list(type_):
        return partial(
            _build_lists, type_, _make_flat_builder(type_.value_type), _make_offsets_converter(type_)
        )
    if isinstance(type_, pa.FixedShapeTensorType):
        storage = _make_builder(type_.storage_type)
        return lambda rows, *memory: pa.ExtensionArray.from_storage(type_, storage(rows, *memory))
    if pa.types.is_fixed_size_list(type_):
        return partial(_build_fixed, type_, _make_flat_builder(type_.value_type))
    scalars = _make_flat_builder(type_)
    return lambda rows, values, offsets, row_splits, validity: scalars(values, offsets, validity)  # noqa: ARG005


def _build_serialized(field: pa.Field, build: ColumnBuilder, rows: int, *memory: Any) -> pa.Array:
    return decode_tensors(build(rows, *memory), field.type, field.name)


def _build_lists(
    type_: pa.DataType,
    flat: _Flat,
    to_buffer: Callable[[Any], pa.Buffer],
    rows: int,
    values: Any,
    offsets: Any,
    row_splits: Any,
    validity: Any,
) -> pa.Array:
    child = flat(values, offsets, None)
    return _from_buffers(type_, rows, [_wrap_bitmap(validity), to_buffer(row_splits)], children=[child])


def _build_fixed(
    type_: pa.DataType,
    flat: _Flat,
    rows: int,
    values: Any,
    offsets: Any,
    row_splits: Any,  # noqa: ARG001
    validity: Any,
) -> pa.Array:
    return _from_buffers(type_, rows, [_wrap_bitmap(validity)], children=[flat(values, offsets, None)])


def _make_flat_builder(type_: pa.DataType) -> _Flat:
    """Make the function that builds an array of values, cast to a narrower type if needed."""
    if pa.types.is_boolean(type_):
        return lambda values, _, validity: _from_buffers(
            type_, len(values), [_wrap_bitmap(validity), pa.py_buffer(_pack_bits(values))]
        )
    if pa.types.is_integer(type_) or pa.types.is_floating(type_) or is_date(type_):
        return partial(_build_numbers, type_, to_numpy_type(type_))
    to_buffer = _make_offsets_converter(type_)
    return lambda values, offsets, validity: _from_buffers(
        type_, len(offsets) - 1, [_wrap_bitmap(validity), to_buffer(offsets), pa.py_buffer(values)]
    )


def _build_numbers(
    type_: pa.DataType,
    dtype: np.dtype[Any],
    values: Any,
    offsets: Any,  # noqa: ARG001 - of the bytes of raw values
    validity: Any,
) -> pa.Array:
    values = values if dtype in _PARSED_TYPES else values.astype(dtype, copy=False)
    return _from_buffers(type_, len(values), [_wrap_bitmap(validity), pa.py_buffer(values)])


def _pack_bits(values: Any) -> Any:
    return np.packbits(values.astype(np.bool_), bitorder="little")


def _make_offsets_converter(type_: pa.DataType) -> Callable[[Any], pa.Buffer]:
    """Make the function that turns int32 offsets into a buffer, of int64 for large types."""
    is_large = (
        pa.types.is_large_list(type_) or pa.types.is_large_string(type_) or pa.types.is_large_binary(type_)
    )
    return (lambda offsets: pa.py_buffer(offsets.astype(np.int64))) if is_large else pa.py_buffer


def _wrap_bitmap(validity: Any) -> pa.Buffer | None:
    return None if validity is None else pa.py_buffer(validity)
