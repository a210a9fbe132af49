"""Structs as a column for each field, "outer/inner", as TensorFlow Datasets names nested features."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa

from headrace.errors import SchemaError

__all__ = ["flatten_batch", "flatten_schema"]


def flatten_schema(schema: pa.Schema) -> pa.Schema:
    """Replace structs, and lists of structs, by a column for each of their fields.

    Raises:
        SchemaError: Two columns would have one name.
    """
    fields = [each for field in schema for each in _flatten_field(field)]
    twice = [name for name, count in Counter(each.name for each in fields).items() if count > 1]
    if twice and [each.name for each in fields] != schema.names:
        what = f"the field of a struct and a column are both called '{twice[0]}'"
        raise SchemaError(what, feature=twice[0], hint="rename one of them")
    return pa.schema(fields)


def flatten_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Flatten the columns of a batch as `flatten_schema` flattens its schema."""
    schema = flatten_schema(batch.schema)
    if schema.names == batch.schema.names:
        return batch
    columns = [each for field in batch.schema for each in _flatten_column(field, batch.column(field.name))]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _is_list(type_: pa.DataType) -> bool:
    return pa.types.is_list(type_) or pa.types.is_large_list(type_)


def _flatten_field(field: pa.Field) -> list[pa.Field]:
    type_ = field.type
    if pa.types.is_struct(type_):
        inner = [type_.field(place) for place in range(type_.num_fields)]
        return [
            flat
            for each in inner
            for flat in _flatten_field(
                pa.field(f"{field.name}/{each.name}", each.type, field.nullable or each.nullable)
            )
        ]
    if _is_list(type_) and pa.types.is_struct(type_.value_type):
        inner = [type_.value_type.field(place) for place in range(type_.value_type.num_fields)]
        return [
            flat
            for each in inner
            for flat in _flatten_field(
                pa.field(f"{field.name}/{each.name}", pa.list_(each.type), field.nullable)
            )
        ]
    return [field]


def _flatten_column(field: pa.Field, column: Any) -> list[pa.Array]:
    type_ = field.type
    if pa.types.is_struct(type_):
        inner = [type_.field(place) for place in range(type_.num_fields)]
        return [
            flat
            for each, values in zip(inner, column.flatten(), strict=True)
            for flat in _flatten_column(each, values)
        ]
    if _is_list(type_) and pa.types.is_struct(type_.value_type):
        inner = [type_.value_type.field(place) for place in range(type_.value_type.num_fields)]
        values = column.flatten()
        if values.null_count:
            what = f"expected no missing values in the lists, got {values.null_count:,}"
            raise SchemaError(what, feature=field.name, hint="fill them, or drop the rows")
        lengths = column.value_lengths().fill_null(0).cast(pa.int64()).to_numpy(zero_copy_only=False)
        ends = pa.array([0, *lengths.cumsum().tolist()], pa.int32())
        mask = column.is_null() if column.null_count else None
        return [
            flat
            for each, part in zip(inner, values.flatten(), strict=True)
            for flat in _flatten_column(
                pa.field(each.name, pa.list_(each.type)), pa.ListArray.from_arrays(ends, part, mask=mask)
            )
        ]
    return [column]
