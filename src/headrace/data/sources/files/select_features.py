"""Select features of a schema of records by name."""

from __future__ import annotations

from collections.abc import Sequence

from headrace.data.sources.files.select_columns import select_columns
from headrace.records.schema import RecordSchema, SequenceSchema, arrow_schema

__all__ = ["select_features"]


def select_features(schema: RecordSchema, columns: Sequence[str] | None, path: str) -> RecordSchema:
    """Select features of a schema; a `SequenceSchema` keeps those of the context before the feature lists.

    Raises:
        SchemaError: A feature is not in the schema.
    """
    if columns is None or not isinstance(schema, SequenceSchema):
        return schema if columns is None else select_columns(arrow_schema(schema), columns, path)
    select_columns(schema.arrow, columns, path)
    parts = [
        select_columns(part, [name for name in columns if part.get_field_index(name) >= 0], path)
        for part in (schema.context, schema.feature_lists)
    ]
    return SequenceSchema(*parts)
