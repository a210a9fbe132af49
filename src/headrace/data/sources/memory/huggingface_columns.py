"""Convert columns as `datasets` stores them to plain Arrow: images and audio to bytes, arrays to tensors."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from headrace.columns import file_contents, is_file_struct
from headrace.errors import SchemaError

__all__ = ["convert_batch", "convert_schema"]


def convert_schema(schema: pa.Schema) -> pa.Schema:
    """Return the schema of the converted columns."""
    return pa.schema(
        [pa.field(field.name, _convert_type(field.type), nullable=field.nullable) for field in schema]
    )


def convert_batch(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Convert the columns of a batch to the types of `schema`.

    Raises:
        UsageError: An image or audio file that a row names cannot be read.
        SchemaError: An array is missing where a tensor is expected.
    """
    columns = [_convert(batch[field.name], field) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _fixed_shape(type_: Any) -> list[int] | None:
    """The shape of an array feature; None if a size is unknown, or the type is another one."""
    shape = getattr(type_, "shape", None)
    known = isinstance(type_, pa.BaseExtensionType) and isinstance(shape, tuple)
    return [int(size) for size in shape] if known and None not in shape else None  # type: ignore[union-attr]


def _leaf_type(type_: pa.DataType) -> pa.DataType:
    return _leaf_type(type_.value_type) if hasattr(type_, "value_type") else type_


def _convert_type(type_: pa.DataType) -> pa.DataType:
    if is_file_struct(type_):
        return pa.binary()
    if isinstance(type_, pa.BaseExtensionType) and not isinstance(type_, pa.FixedShapeTensorType):
        shape = _fixed_shape(type_)
        storage = type_.storage_type
        return storage if shape is None else pa.fixed_shape_tensor(_leaf_type(storage), shape)
    return type_


def _convert(array: pa.Array, field: pa.Field) -> pa.Array:
    if is_file_struct(array.type):
        return file_contents(array, field.name)
    if isinstance(array.type, pa.BaseExtensionType) and array.type != field.type:
        if not isinstance(field.type, pa.FixedShapeTensorType):
            return array.storage
        return _to_tensors(array.storage, field)
    return array


def _to_tensors(storage: pa.Array, field: pa.Field) -> pa.Array:
    type_ = field.type
    if storage.null_count:
        what = f"expected arrays of shape {type_.shape}, got {storage.null_count:,} nulls"
        raise SchemaError(what, feature=field.name, hint="filter these rows")
    values = storage
    while pa.types.is_nested(values.type):
        values = values.flatten()
    size = type_.storage_type.list_size
    if len(values) != size * len(storage):
        what = f"expected {size} values in each array, got {len(values):,} in {len(storage):,} arrays"
        raise SchemaError(what, feature=field.name, hint="declare the shape of the feature as it is")
    return pa.ExtensionArray.from_storage(type_, pa.FixedSizeListArray.from_arrays(values, size))
