"""Read records of ArrayRecord files by number, and parse them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from threading import Lock
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.cached_property import cached_property
from headrace.data.rows import take_rows
from headrace.errors import RecordError, UsageError
from headrace.records.array_record import ArrayRecordFile, RecordBytes
from headrace.records.messages import BatchParser
from headrace.records.schema import RecordSchema
from headrace.records.tfrecord import Records

__all__ = ["RECORD", "ArrayRecordRows", "read_batches"]

RECORD = pa.schema([pa.field("record", pa.binary(), nullable=False)])  # of files read without a schema

_BATCH_ROWS = 4096  # at most
_BATCH_BYTES = 16 << 20  # of records; a batch ends after the record that reaches it
_LARGE_CHUNK = 1 << 16  # bytes; smaller chunks are decoded for a single record
_LARGEST_COLUMN = (1 << 31) - 1  # bytes
_KEPT_BYTES = 288 << 20  # of decoded chunks: a window of 256 MB, and the next chunk


class _Selection(NamedTuple):
    """Some records of one place in memory.

    Attributes:
        found: The records.
        places: The index of each selected one among them, int64 [n].
        numbers: The number of each selected one through all files, int64 [n].
    """

    found: RecordBytes
    places: NDArray[np.int64]
    numbers: NDArray[np.int64]

    @property
    def starts(self) -> NDArray[np.int64]:
        return self.found.bounds[self.places]

    @property
    def lengths(self) -> NDArray[np.int64]:
        return self.found.bounds[self.places + 1] - self.starts

    def slice(self, start: int, stop: int) -> _Selection:
        return _Selection(self.found, self.places[start:stop], self.numbers[start:stop])


def _to_batch(
    parts: Sequence[_Selection], parser: BatchParser | None, files: Sequence[ArrayRecordFile]
) -> pa.RecordBatch:
    if parser is None:
        return pa.RecordBatch.from_arrays([_join_bytes(parts)], schema=RECORD)
    fresh = parser.fresh()
    for part in parts:
        try:
            fresh.append(Records(None, 0, 0, part.found.data, part.starts, part.lengths))
        except RecordError as error:
            raise _locate(error, int(part.numbers[error.record or 0]), files) from error
    return fresh.finish()


def _join_bytes(parts: Sequence[_Selection]) -> pa.Array:
    values = [
        part.found.data[start : start + length].data
        for part in parts
        for start, length in zip(part.starts.tolist(), part.lengths.tolist(), strict=True)
    ]
    lengths = np.concatenate([np.zeros(1, np.int64), *(part.lengths for part in parts)])
    offsets = np.cumsum(lengths)
    if offsets[-1] > _LARGEST_COLUMN:
        what = f"{len(values):,} records of {offsets[-1]:,} bytes do not fit into one batch"
        raise UsageError(what, hint="use smaller batches")
    buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(b"".join(values))]
    return pa.Array.from_buffers(pa.binary(), len(values), buffers)


def _locate(error: RecordError, number: int, files: Sequence[ArrayRecordFile]) -> RecordError:
    """Name the file, the record's number there and the offset of its chunk."""
    for file in files:
        if number < file.num_rows:
            return RecordError(
                error.what,
                path=file.path,
                record=number,
                offset=file.chunk_offset(number),
                feature=error.feature,
                hint=error.hint,
            )
        number -= file.num_rows
    return error


def read_batches(
    files: Sequence[str], schema: RecordSchema | None, start: int = 0
) -> Iterator[pa.RecordBatch]:
    """Read the records of files in order, from number `start` on, in batches of 4,096 or 16 MiB.

    Args:
        files: The files, local paths or URLs.
        schema: What to parse the records by; None reads their bytes as column `record`.
        start: The number of the first record, counted through all files.

    Raises:
        RecordError: A file is corrupt, or a record does not match the schema.
    """
    parser = None if schema is None else BatchParser(schema)
    with ExitStack() as stack:
        opened: list[ArrayRecordFile] = []
        parts: list[_Selection] = []
        rows = size = 0
        for part in _read_parts(files, start, opened, stack):
            ends = np.cumsum(part.lengths)
            at = 0
            while at < len(ends):
                before = int(ends[at - 1]) if at else 0
                enough = int(np.searchsorted(ends, before + _BATCH_BYTES - size)) + 1
                stop = min(enough, at + _BATCH_ROWS - rows, len(ends))
                parts.append(part.slice(at, stop))
                rows, size = rows + stop - at, size + int(ends[stop - 1]) - before
                if rows >= _BATCH_ROWS or size >= _BATCH_BYTES:
                    yield _to_batch(parts, parser, opened)
                    parts, rows, size = [], 0, 0
                at = stop
        if parts:
            yield _to_batch(parts, parser, opened)


def _read_parts(
    files: Sequence[str], start: int, opened: list[ArrayRecordFile], stack: ExitStack
) -> Iterator[_Selection]:
    done = 0
    for path in files:
        file = stack.enter_context(ArrayRecordFile(path))
        opened.append(file)
        if start < done + file.num_rows:
            first_rows = file.chunks.first_rows
            first = int(np.searchsorted(first_rows, max(start - done, 0), "right")) - 1
            at = done + int(first_rows[first])
            for found in file.scan(first):
                places = np.arange(max(start - at, 0), len(found.bounds) - 1)
                yield _Selection(found, places, at + places)
                at += len(found.bounds) - 1
        done += file.num_rows
        file.close()


class ArrayRecordRows:
    """The records of local ArrayRecord files by number; see `RowReader`.

    Args:
        files: The files, local paths.
        schema: What to parse the records by; None reads their bytes as column `record`.
    """

    in_memory: bool = False

    def __init__(self, files: Sequence[str], schema: RecordSchema | None) -> None:
        self._paths = tuple(files)
        self._declared = schema
        self._files = [ArrayRecordFile(path) for path in files]
        self._parser = None if schema is None else BatchParser(schema)
        self._decoded: OrderedDict[int, RecordBytes] = OrderedDict()
        self._lock = Lock()

    def __reduce__(self) -> tuple[type[ArrayRecordRows], tuple[tuple[str, ...], RecordSchema | None]]:
        return ArrayRecordRows, (self._paths, self._declared)

    @cached_property
    def _chunk_rows(self) -> NDArray[np.int64]:
        """The number of the first record of each chunk of all files, and the number of records."""
        counts = [np.diff(file.chunks.first_rows) for file in self._files]
        return np.concatenate([[0], np.cumsum(np.concatenate([*counts, np.zeros(0, np.int64)]))]).astype(
            np.int64
        )

    @cached_property
    def _first_chunks(self) -> NDArray[np.int64]:
        return np.cumsum([0, *(len(file.chunks.decoded_sizes) for file in self._files)], dtype=np.int64)

    @property
    def num_rows(self) -> int:
        """The number of records."""
        return int(self._chunk_rows[-1])

    @property
    def row_bytes(self) -> float:
        """The average size of a record."""
        return self._decoded_bytes / max(self.num_rows, 1)

    @cached_property
    def blocks(self) -> NDArray[np.int64] | None:
        """The boundaries of the chunks; None if they are below 64 KiB on average."""
        chunks = len(self._chunk_rows) - 1
        return self._chunk_rows if chunks and self._decoded_bytes / chunks >= _LARGE_CHUNK else None

    @cached_property
    def _decoded_bytes(self) -> int:
        return sum(int(file.chunks.decoded_sizes.sum()) for file in self._files)

    def take(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Read records, in this order; a chunk is decoded once for all its records.

        Raises:
            UsageError: A file cannot be read.
            RecordError: A chunk is corrupt, or a record does not match the schema.
        """
        rows = np.asarray(rows, np.int64)
        if not len(rows):
            return _to_batch([], self._parser, self._files)
        chunk = np.searchsorted(self._chunk_rows, rows, "right") - 1
        places = rows - self._chunk_rows[chunk]
        used, which = np.unique(chunk, return_inverse=True)
        if self.blocks is None:
            before = np.cumsum([0, *(self._chunk_rows[used + 1] - self._chunk_rows[used])[:-1]])
            part = _Selection(self._read_all(used), before[which] + places, rows)
            return _to_batch([part], self._parser, self._files)
        order = np.argsort(which, kind="stable")
        firsts = np.searchsorted(which[order], np.arange(1, len(used)))
        parts = [
            _Selection(self._decode(number), places[selected], rows[selected])
            for number, selected in zip(used.tolist(), np.split(order, firsts), strict=True)
        ]
        inverse = np.empty(len(order), np.int64)
        inverse[order] = np.arange(len(order))
        return take_rows(_to_batch(parts, self._parser, self._files), inverse)

    def scan(self, start: int) -> Iterator[pa.RecordBatch]:
        """Read the records from number `start` on, in order."""
        return read_batches(self._paths, self._declared, start)

    def _read_all(self, chunks: NDArray[np.int64]) -> RecordBytes:
        """Read chunks, ascending through all files, one after the other."""
        bounds = np.searchsorted(chunks, self._first_chunks)
        parts = [
            file.read_chunks((chunks[start:stop] - first).tolist())
            for file, first, start, stop in zip(
                self._files, self._first_chunks, bounds[:-1], bounds[1:], strict=False
            )
            if start < stop
        ]
        if len(parts) == 1:
            return parts[0]
        sizes = np.concatenate([np.zeros(1, np.int64), *(np.diff(part.bounds) for part in parts)])
        return RecordBytes(np.concatenate([part.data for part in parts]), np.cumsum(sizes))

    def _decode(self, number: int) -> RecordBytes:
        """Return the records of a large chunk, decoded once as long as it is kept."""
        with self._lock:
            found = self._decoded.get(number)
            if found is not None:
                self._decoded.move_to_end(number)
                return found
        found = self._read_all(np.array([number]))
        with self._lock:
            self._decoded[number] = found
            held = sum(each.data.nbytes for each in self._decoded.values())
            while held > _KEPT_BYTES and len(self._decoded) > 1:
                held -= self._decoded.popitem(last=False)[1].data.nbytes
        return found
