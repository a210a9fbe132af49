"""Read records of ArrayRecord files by number, and parse them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import cached_property
from threading import Lock
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.errors import RecordError
from headrace.records.array_record import ArrayRecordFile, Chunk
from headrace.records.messages import BatchParser
from headrace.records.schema import RecordSchema
from headrace.records.tfrecord import Records

__all__ = ["RECORD", "ArrayRecordRows", "read_batches"]

RECORD = pa.schema([pa.field("record", pa.binary(), nullable=False)])  # of files read without a schema

_BATCH_ROWS = 4096  # at most
_BATCH_BYTES = 16 << 20  # of records; a batch ends after the record that reaches it
_LARGE_CHUNK = 1 << 18  # bytes; smaller chunks are decoded for a single record
_KEPT_BYTES = 288 << 20  # of decoded chunks: a window of 256 MB, and the next chunk


class _Piece(NamedTuple):
    """Records of a chunk: the file, the number of each record in it, and its index in the chunk."""

    path: str
    numbers: NDArray[np.int64]
    chunk: Chunk
    places: NDArray[np.int64]

    @property
    def lengths(self) -> NDArray[np.int64]:
        return self.chunk.bounds[self.places + 1] - self.chunk.bounds[self.places]


def _to_batch(pieces: Sequence[_Piece], parser: BatchParser | None) -> pa.RecordBatch:
    if parser is None:
        values = [
            piece.chunk.data[start:stop].tobytes()
            for piece in pieces
            for start, stop in zip(
                piece.chunk.bounds[piece.places].tolist(),
                piece.chunk.bounds[piece.places + 1].tolist(),
                strict=True,
            )
        ]
        return pa.RecordBatch.from_arrays([pa.array(values, pa.binary())], schema=RECORD)
    fresh = parser.fresh()
    for piece in pieces:
        starts = piece.chunk.bounds[piece.places]
        try:
            fresh.append(Records(None, 0, 0, piece.chunk.data, starts, piece.lengths))
        except RecordError as error:
            number = int(piece.numbers[error.record or 0])
            raise RecordError(
                error.what,
                path=piece.path,
                record=number,
                offset=piece.chunk.offset,
                feature=error.feature,
                hint=error.hint,
            ) from error
    return fresh.finish()


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
    pieces: list[_Piece] = []
    rows = size = 0
    for piece in _read_pieces(files, start):
        ends = np.cumsum(piece.lengths)
        at = 0
        while at < len(ends):
            before = int(ends[at - 1]) if at else 0
            enough = int(np.searchsorted(ends, before + _BATCH_BYTES - size)) + 1
            stop = min(enough, at + _BATCH_ROWS - rows, len(ends))
            pieces.append(piece._replace(numbers=piece.numbers[at:stop], places=piece.places[at:stop]))
            rows, size = rows + stop - at, size + int(ends[stop - 1]) - before
            if rows >= _BATCH_ROWS or size >= _BATCH_BYTES:
                yield _to_batch(pieces, parser)
                pieces, rows, size = [], 0, 0
            at = stop
    if pieces:
        yield _to_batch(pieces, parser)


def _read_pieces(files: Sequence[str], start: int) -> Iterator[_Piece]:
    for path in files:
        with ArrayRecordFile(path) as file:
            if start < file.num_rows:
                first_rows = file.chunks.first_rows
                first = int(np.searchsorted(first_rows, start, "right")) - 1
                for number, chunk in enumerate(file.read_chunks(first), first):
                    places = np.arange(max(start - int(first_rows[number]), 0), len(chunk.bounds) - 1)
                    yield _Piece(path, first_rows[number] + places, chunk, places)
            start = max(start - file.num_rows, 0)


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
        self._decoded: OrderedDict[int, Chunk] = OrderedDict()
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
        """The boundaries of the chunks; None if they are below 256 KiB on average."""
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
        chunk = np.searchsorted(self._chunk_rows, rows, "right") - 1
        places = rows - self._chunk_rows[chunk]
        used, which = np.unique(chunk, return_inverse=True)
        decoded = [self._decode(number) for number in used.tolist()]
        runs = np.flatnonzero(np.diff(which, prepend=-1)) if len(rows) else np.zeros(0, np.int64)
        pieces = [
            _Piece(path, first + places[start:stop], found, places[start:stop])
            for start, stop in zip(runs.tolist(), [*runs[1:].tolist(), len(rows)], strict=False)
            for path, first, found in [decoded[which[start]]]
        ]
        return _to_batch(pieces, self._parser)

    def scan(self, start: int) -> Iterator[pa.RecordBatch]:
        """Read the records from number `start` on, in order."""
        return read_batches(self._paths, self._declared, start)

    def _decode(self, number: int) -> tuple[str, int, Chunk]:
        """Return the file of a chunk, the number of its first record there, and its records."""
        which = int(np.searchsorted(self._first_chunks, number, "right")) - 1
        file, local = self._files[which], number - int(self._first_chunks[which])
        first = int(file.chunks.first_rows[local])
        if self.blocks is None:
            return file.path, first, file.read_chunk(local)
        with self._lock:
            found = self._decoded.get(number)
            if found is not None:
                self._decoded.move_to_end(number)
                return file.path, first, found
        found = file.read_chunk(local)
        with self._lock:
            self._decoded[number] = found
            held = sum(each.data.nbytes for each in self._decoded.values())
            while held > _KEPT_BYTES and len(self._decoded) > 1:
                held -= self._decoded.popitem(last=False)[1].data.nbytes
        return file.path, first, found
