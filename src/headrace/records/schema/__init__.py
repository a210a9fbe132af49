"""Schemas of record files: Arrow schemas, `SequenceSchema`, their defaults, and the files that hold them."""

from __future__ import annotations

from headrace.records.schema.defaults import default
from headrace.records.schema.example import is_date, is_serialized
from headrace.records.schema.from_tensorflow_metadata import schema_from_tensorflow_metadata
from headrace.records.schema.schema_file import read_schema, schema_text, write_schema
from headrace.records.schema.sequence_example import (
    RecordSchema,
    SequenceSchema,
    arrow_schema,
    check_schema,
    stored_schema,
)
from headrace.records.schema.serialized import serialize_schema
from headrace.records.schema.to_tensorflow_metadata import schema_to_tensorflow_metadata

__all__ = [
    "RecordSchema",
    "SequenceSchema",
    "arrow_schema",
    "check_schema",
    "default",
    "is_date",
    "is_serialized",
    "read_schema",
    "schema_from_tensorflow_metadata",
    "schema_text",
    "schema_to_tensorflow_metadata",
    "serialize_schema",
    "stored_schema",
    "write_schema",
]
