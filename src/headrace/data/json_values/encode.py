"""Convert Arrow columns to JSON text, one value per row."""

from __future__ import annotations

from math import prod

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace._native import write_json
from headrace.errors import SchemaError

__all__ = ["BASE64", "to_json", "to_json_lines"]

BASE64 = "base64"  # the only key of an object that represents bytes


def to_json(array: pa.Array, name: str = "") -> pa.Array:
    """Encode each value as JSON text, in a string array without nulls.

    Args:
        array: The values.
        name: The name of the column, for error messages.

    Raises:
        SchemaError: An infinite value, or a type that JSON does not represent.

    Example:
        >>> to_json(pa.array([[0.5, None], None, []])).to_pylist()
        ['[0.5, null]', 'null', '[]']
    """
    offsets, data = _write(_simplify(array, name), b"", name)
    if offsets[-1] >= 2**31:
        raise SchemaError("the text exceeds 2 GiB", feature=name, hint="write smaller batches")
    buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), len(array), buffers)


def to_json_lines(batch: pa.RecordBatch) -> memoryview:
    r"""Encode each row as a line of text, an object.

    Raises:
        SchemaError: An infinite value, or a type that JSON does not represent; names the column.

    Example:
        >>> to_json_lines(pa.record_batch({"a": [1, 2]})).tobytes()
        b'{"a": 1}\n{"a": 2}\n'
    """
    columns = [
        _simplify(column, name) for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    if not columns:
        return memoryview(b"{}\n" * batch.num_rows)
    fields = [pa.field(name, each.type) for name, each in zip(batch.schema.names, columns, strict=True)]
    return _write(pa.StructArray.from_arrays(columns, fields=fields), b"\n", "")[1].data


def _write(array: pa.Array, end: bytes, name: str) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    array.validate()
    schema, values = array.__arrow_c_array__()
    offsets, data, infinite = write_json(schema, values, end)
    if infinite is not None:
        raise SchemaError(
            "JSON cannot represent infinity",
            feature=".".join([*([name] if name else []), *(each.decode() for each in infinite)]),
            hint="replace it, or convert to Parquet or TFRecord",
        )
    return offsets, data


def _simplify(array: pa.Array, name: str) -> pa.Array:
    """Convert tensors, dates and dictionaries, also in lists and structs, to what the kernel writes."""
    type_ = array.type
    if _is_simple(type_):
        return array
    if isinstance(type_, pa.FixedShapeTensorType):
        return _nest_tensors(array)
    if pa.types.is_dictionary(type_):
        return _simplify(array.dictionary_decode(), name)
    if pa.types.is_temporal(type_) and not pa.types.is_interval(type_):
        return array.cast(pa.string())
    if pa.types.is_fixed_size_list(type_):
        items = _simplify(array.values, name)
        return _make_lists(array, pa.list_(items.type, type_.list_size), items, 1)
    if pa.types.is_list(type_):
        items = _simplify(array.values, name)
        return _make_lists(array, pa.list_(items.type), items, 2)
    if pa.types.is_large_list(type_):
        items = _simplify(array.values, name)
        return _make_lists(array, pa.large_list(items.type), items, 2)
    if pa.types.is_struct(type_):
        values = [_simplify(array.field(place), f"{name}.{each.name}") for place, each in enumerate(type_)]
        fields = [pa.field(each.name, value.type) for each, value in zip(type_, values, strict=True)]
        mask = array.is_null() if array.null_count else None
        return pa.StructArray.from_arrays(values, fields=fields, mask=mask)
    raise SchemaError(f"JSON cannot represent Arrow type {type_}", feature=name, hint="cast it first")


def _is_simple(type_: pa.DataType) -> bool:
    """Whether the kernel writes values of a type as they are."""
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return _is_simple(type_.value_type)
    if pa.types.is_struct(type_):
        return all(_is_simple(field.type) for field in type_)
    is_number = pa.types.is_floating(type_) or pa.types.is_integer(type_) or pa.types.is_boolean(type_)
    is_text = pa.types.is_string(type_) or pa.types.is_large_string(type_)
    is_bytes = pa.types.is_binary(type_) or pa.types.is_large_binary(type_)
    return is_number or is_text or is_bytes or pa.types.is_null(type_)


def _make_lists(array: pa.Array, type_: pa.DataType, items: pa.Array, buffers: int) -> pa.Array:
    return pa.Array.from_buffers(
        type_, len(array), array.buffers()[:buffers], offset=array.offset, children=[items]
    )


def _nest_tensors(array: pa.FixedShapeTensorArray) -> pa.Array:
    """Convert tensors to nested lists."""
    shape, storage = array.type.shape, array.storage
    rows = storage.offset + len(storage)
    items = storage.values
    for axis in range(len(shape) - 1, 0, -1):
        type_ = pa.list_(items.type, shape[axis])
        items = pa.Array.from_buffers(type_, rows * prod(shape[:axis]), [None], children=[items])
    return _make_lists(storage, pa.list_(items.type, shape[0]), items, 1)
