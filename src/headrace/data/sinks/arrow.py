"""Write Arrow IPC files."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pyarrow as pa

from headrace.data.block_checksums import ChecksummedStream
from headrace.data.sinks.shards import Stream, write_shards

__all__ = ["ArrowWriter", "write_arrow"]


class ArrowWriter:
    """Writes batches to an Arrow IPC file whose blocks have checksums.

    Args:
        stream: Where the bytes go.
        schema: The schema of the batches.
    """

    def __init__(self, stream: Stream, schema: pa.Schema) -> None:
        self._stream = ChecksummedStream(stream)
        self._file = pa.ipc.new_file(self._stream, schema)

    def write(self, batch: pa.RecordBatch) -> None:
        """Append a batch."""
        self._file.write_batch(batch)

    def close(self) -> None:
        """Write the footer."""
        metadata = self._stream.start_footer()
        self._file.close()
        self._stream.finish_arrow(metadata)


def write_arrow(
    path: str | os.PathLike[str], batches: Iterable[pa.RecordBatch], schema: pa.Schema, shards: int = 1
) -> list[str]:
    """Write Arrow IPC files, uncompressed, so that their rows can be read by number without parsing.

    Blocks and the footer have checksums, which `Dataset.from_arrow_ipc` checks.

    Returns:
        The paths written: `path`, or with several shards `base-00000-of-00008.arrow` and so on.

    Raises:
        UsageError: The path cannot be written to.
    """
    return write_shards(ArrowWriter, path, batches, schema, shards)
