"""JSON lines: one object per line."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from headrace.data.dataset import Dataset
from headrace.data.formats.format import (
    NAN_BECOMES_NULL,
    Destination,
    Format,
    Origin,
    describe_loss,
    is_float,
    leaf_type,
)
from headrace.data.sinks import write_json_lines
from headrace.records.schema import arrow_schema

__all__ = ["JSON_LINES"]


def _read(origin: Origin) -> Dataset:
    schema = None if origin.schema is None else arrow_schema(origin.schema)
    return Dataset.from_json_lines(origin.path, schema, types=origin.types)


def _write(batches: Iterable[pa.RecordBatch], to: Destination) -> list[str]:
    return write_json_lines(to.path, batches, arrow_schema(to.schema), to.shards)


def _is_binary(field: pa.Field) -> bool:
    leaf = leaf_type(field.type)
    return pa.types.is_binary(leaf) or pa.types.is_large_binary(leaf)


def _list_losses(to: Destination) -> list[str]:
    schema = arrow_schema(to.schema)
    return [
        *describe_loss(schema, _is_binary, 'bytes become {"base64": "..."}'),
        *describe_loss(schema, is_float, NAN_BECOMES_NULL),
    ]


JSON_LINES = Format(
    name="jsonl",
    extensions=tuple(name + end for name in (".jsonl", ".ndjson") for end in ("", ".gz", ".bz2", ".zst")),
    read=_read,
    write=_write,
    list_losses=_list_losses,
    read_options=frozenset({"types"}),
)
