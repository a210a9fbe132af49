"""JSON lines: one object per line; arrays of objects in `.json` files are read, too."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from headrace.data import sinks, sources
from headrace.data.formats.format import (
    NAN_BECOMES_NULL,
    Destination,
    Format,
    Origin,
    describe_loss,
    is_float,
    leaf_type,
)

__all__ = ["JSON_LINES"]


def _open(origin: Origin) -> sources.JsonLinesSource:
    return sources.JsonLinesSource.from_paths(origin.path, origin.columns, types=origin.types)


def _write(batches: Iterable[pa.RecordBatch], to: Destination) -> list[str]:
    return sinks.write_json_lines(to.path, batches, to.columns, to.shards)


def _is_binary(field: pa.Field) -> bool:
    leaf = leaf_type(field.type)
    return pa.types.is_binary(leaf) or pa.types.is_large_binary(leaf)


def _list_losses(to: Destination) -> list[str]:
    schema = to.columns
    return [
        *describe_loss(schema, _is_binary, 'bytes become {"base64": "..."}'),
        *describe_loss(schema, is_float, NAN_BECOMES_NULL),
    ]


_COMPRESSED = ("", ".gz", ".bz2", ".zst")
JSON_LINES = Format(
    name="jsonl",
    extensions=tuple(name + end for name in (".jsonl", ".ndjson") for end in _COMPRESSED),
    source_extensions=tuple(f".json{end}" for end in _COMPRESSED),
    open_source=_open,
    write=_write,
    list_losses=_list_losses,
    read_options=frozenset({"types"}),
)
