"""Write Arrow IPC files."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pyarrow as pa

from headrace.data.sinks.shards import Stream, write_shards

__all__ = ["write_arrow"]


class _Writer:
    def __init__(self, stream: Stream, schema: pa.Schema) -> None:
        self._file = pa.ipc.new_file(stream, schema)

    def write(self, batch: pa.RecordBatch) -> None:
        self._file.write_batch(batch)

    def close(self) -> None:
        self._file.close()


def write_arrow(
    path: str | os.PathLike[str], batches: Iterable[pa.RecordBatch], schema: pa.Schema, shards: int = 1
) -> list[str]:
    """Write Arrow IPC files, uncompressed, so that their rows can be read by number without parsing.

    Returns:
        The paths written: `path`, or with several shards `base-00000-of-00008.arrow` and so on.

    Raises:
        UsageError: The path cannot be written to.
    """
    return write_shards(_Writer, path, batches, schema, shards)
