"""Write JSON lines: one object per line."""

from __future__ import annotations

import os
from collections.abc import Iterable
from io import RawIOBase

import pyarrow as pa

from headrace.data.json_values import to_json_lines
from headrace.data.sinks.shards import write_text_shards

__all__ = ["JsonLinesWriter", "write_json_lines"]


class JsonLinesWriter:
    """Writes batches of a schema to a stream of bytes."""

    def __init__(self, stream: RawIOBase, schema: pa.Schema) -> None:  # noqa: ARG002
        self._stream = stream

    def write(self, batch: pa.RecordBatch) -> None:
        """Write a line for each row."""
        self._stream.write(to_json_lines(batch))

    def close(self) -> None:
        """Do nothing: the last line is complete."""


def write_json_lines(
    path: str | os.PathLike[str], batches: Iterable[pa.RecordBatch], schema: pa.Schema, shards: int = 1
) -> list[str]:
    """Write one JSON object per row, UTF-8; compressed if the name ends in `.gz`, `.bz2` or `.zst`.

    `headrace.data.json_values` says how values are written.

    Returns:
        The paths written: `path`, or with several shards `base-00000-of-00008.jsonl` and so on.

    Raises:
        UsageError: The path cannot be written to.
        SchemaError: An infinite value, or a column of a type that JSON cannot hold.
    """
    return write_text_shards(JsonLinesWriter, path, batches, schema, shards)
