"""Cut the records of chunks into batches: one rule for all readers.

A batch ends when it has all its rows, or at the end of a chunk if it then holds 1 MB or more. A smaller batch
continues in the next chunk, which may belong to another file.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Protocol, TypeVar

from headrace.errors import UsageError
from headrace.records.reading.chunks import FILE_START, Chunk, StartPosition
from headrace.records.tfrecord.framing import COPY_AGAIN

__all__ = ["LEAST_BATCH_SIZE", "BatchBuilder", "check_complete", "cut_batches"]

LEAST_BATCH_SIZE = 1 << 20  # bytes of the file from which on a batch ends with its chunk

Part = TypeVar("Part")
Batch = TypeVar("Batch", covariant=True)


class BatchBuilder(Protocol[Part, Batch]):
    """Builds batches, one after the other, out of what one reader reads."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been appended to the present batch."""
        ...

    @property
    def is_full(self) -> bool:
        """Whether the present batch must end before it has all its rows."""
        ...

    def append(self, chunk: Chunk, records: Part, rows: int, /) -> tuple[int, int, Part | None]:
        """Append at most `rows` records of a chunk.

        Returns:
            The numbers of records and of bytes of the file appended, and the records that remain, if any. The
            bytes may be reported with the last of the records.
        """
        ...

    def finish(self) -> Batch:
        """Return the batch, and begin the next."""
        ...


class _BatchProgress:
    """The rows and bytes of the present batch.

    The bytes of a batch are those of its chunks times its share of their records, so that they do not depend
    on the steps in which a chunk is read.

    Attributes:
        rows_left: The number of rows that the batch can still take.
    """

    def __init__(self, batch_size: int) -> None:
        self._batch_size = self.rows_left = batch_size
        self._bytes = 0  # of the batch, in earlier chunks
        self._rows_in_chunk = 0  # of the batch, in the present chunk
        self._chunk_rows = self._chunk_bytes = 0  # read so far of the present chunk

    def skip(self, start: StartPosition) -> None:
        """Count the records of the first chunk that are not read."""
        self._chunk_rows = start.record - start.chunk_record
        self._chunk_bytes = start.offset - start.chunk_offset

    def add(self, rows: int, bytes_: int) -> None:
        """Count records of the present chunk that were appended to the batch."""
        self.rows_left -= rows
        self._rows_in_chunk += rows
        self._chunk_rows += rows
        self._chunk_bytes += bytes_

    def start_batch(self) -> None:
        """Begin the next batch."""
        self.rows_left = self._batch_size
        self._bytes = self._rows_in_chunk = 0

    def end_chunk(self) -> bool:
        """Begin the next chunk; return whether the batch ends with this one."""
        self._bytes += self._chunk_bytes * self._rows_in_chunk // max(self._chunk_rows, 1)
        self._rows_in_chunk = self._chunk_rows = self._chunk_bytes = 0
        return self._bytes >= LEAST_BATCH_SIZE and self.rows_left < self._batch_size


def cut_batches(
    chunks: Iterable[tuple[Chunk, Iterable[Part]]],
    builder: BatchBuilder[Part, Batch],
    batch_size: int,
    start: StartPosition = FILE_START,
) -> Generator[Batch]:
    """Cut records into batches.

    Args:
        chunks: Each chunk with its records, in order.
        builder: Builds the batches.
        batch_size: The most rows of a batch.
        start: Where the first chunk starts.
    """
    progress = _BatchProgress(batch_size)
    progress.skip(start)
    for chunk, parts in chunks:
        for part in parts:
            rest: Part | None = part
            while rest is not None:
                rows, bytes_, rest = builder.append(chunk, rest, progress.rows_left)
                progress.add(rows, bytes_)
                if not progress.rows_left or builder.is_full:
                    yield builder.finish()
                    progress.start_batch()
        if progress.end_chunk():
            yield builder.finish()
            progress.start_batch()
    if not builder.is_empty:
        yield builder.finish()


def check_complete(path: str, offset: int, size: int) -> None:
    """Check that an uncompressed file was read up to the size that it had when it was opened.

    Args:
        path: The file.
        offset: The byte offset behind the last record.
        size: The size.

    Raises:
        UsageError: The file was cut in the meantime, at the end of a record.
    """
    if offset < size:
        what = f"the file was cut while it was read: expected {size:,} bytes, got {offset:,}"
        raise UsageError(what, path=path, offset=offset, hint=COPY_AGAIN)
