"""Read records in the caller's thread alone, parsing them straight into the batch that they belong to.

A local file is read in small steps into memory that stays in the CPU's cache, where the records of a step are
verified and parsed before the next step is read to the same place. Of a stream (compressed, a pipe, or at a
URL), each block is parsed as soon as it is read.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from io import FileIO
from typing import TypeAlias

import pyarrow as pa

from headrace._native import LocalRecords, LocalState
from headrace.records.messages.batch_parser import BatchParser
from headrace.records.reading.batching import LEAST_BATCH_SIZE, check_complete, cut_batches
from headrace.records.reading.chunks import (
    CHUNK_SIZE,
    FILE_START,
    SAMPLE_SIZE,
    Chunk,
    Piece,
    StartPosition,
    chunk_end,
    split_chunks,
)
from headrace.records.tfrecord.framing import Records
from headrace.records.tfrecord.scan import scan_file, scan_open_file
from headrace.storage import open_local

__all__ = ["read_single_threaded"]


class _LocalCursor:
    """The position in a local file up to which its records have been parsed.

    Attributes:
        records: The records from there on.
        state: What follows the records parsed so far.
        unparsed: The chunks behind the present one, if the file must be scanned from here on.
    """

    def __init__(self, file: FileIO, start: StartPosition) -> None:
        self.records = LocalRecords(file.fileno(), start.offset, start.record)
        self.state = LocalState.MORE
        self.unparsed: Iterator[tuple[Chunk, Iterator[Piece]]] = iter(())


_Part: TypeAlias = _LocalCursor | Piece


class _ParsingBuilder:
    """Parses records straight into the batch."""

    is_full = False

    def __init__(self, parser: BatchParser) -> None:
        self._empty = parser
        self._parser = parser.fresh()
        self._rows = 0
        self._sample: tuple[int, int] | None = None  # rows and bytes of the first records of all

    @property
    def is_empty(self) -> bool:
        return not self._rows

    def append(self, chunk: Chunk, records: _Part, rows: int) -> tuple[int, int, _Part | None]:
        if isinstance(records, _LocalCursor):
            return self._append_local(chunk, records, rows)
        assert isinstance(records, Records)  # corrupt bytes are an error here
        self._reserve(CHUNK_SIZE, rows)
        part, rest = records.split(rows)
        self._parser.append(part)
        self._add(len(part), part.span, rows)
        return len(part), part.span, rest

    def _append_local(
        self, chunk: Chunk, cursor: _LocalCursor, rows: int
    ) -> tuple[int, int, _LocalCursor | None]:
        start = cursor.records.offset
        self._reserve(chunk.start + chunk.size - start, rows)
        stop = min(chunk.stop, start + SAMPLE_SIZE) if self._sample is None else chunk.stop
        taken, cursor.state = self._parser.append_local(chunk.path, cursor.records, rows, stop)
        end = cursor.records.offset
        self._add(taken, end - start, rows)
        is_over = cursor.state != LocalState.MORE or end >= chunk.stop
        return taken, end - start, None if is_over else cursor

    def _reserve(self, left: int, rows: int) -> None:
        """Reserve memory for an empty batch: the rest of the chunk, unless it is too small to end a batch."""
        if self._sample is not None and not self._rows:
            left = left if left >= LEAST_BATCH_SIZE else CHUNK_SIZE
            self._parser.reserve_like(*self._sample, left, rows)

    def _add(self, taken: int, bytes_: int, rows: int) -> None:
        if self._sample is None and taken:
            self._sample = taken, bytes_
            self._parser.reserve_like(taken, bytes_, CHUNK_SIZE, rows)
        self._rows += taken

    def finish(self) -> pa.RecordBatch:
        batch = self._parser.finish()
        self._parser = self._empty.fresh()
        self._rows = 0
        return batch


def _read_parts(path: str, file: FileIO, cursor: _LocalCursor) -> Iterator[_Part]:
    """The parts of one chunk."""
    yield cursor
    if cursor.state == LocalState.STUCK:  # the scan says what is wrong, or decompresses the file
        record, offset = cursor.records.record, cursor.records.offset
        blocks = scan_open_file(path, file, record, offset) if offset else scan_file(path, verify=False)
        cursor.unparsed = split_chunks(path, blocks, offset)
        _, parts = next(cursor.unparsed)
        yield from parts


def _split_local_file(
    path: str, file: FileIO, start_position: StartPosition
) -> Iterator[tuple[Chunk, Iterator[_Part]]]:
    cursor = _LocalCursor(file, start_position)
    size = file.seek(0, os.SEEK_END)  # at least: the file may grow
    while cursor.state == LocalState.MORE:
        start = cursor.records.offset
        stop = chunk_end(start)
        yield Chunk(path, start, stop, min(stop, size) - start, file), _read_parts(path, file, cursor)
    if cursor.state == LocalState.END:
        check_complete(path, cursor.records.offset, size)
    yield from cursor.unparsed


def _read_chunks(files: Iterable[str], start: StartPosition) -> Generator[tuple[Chunk, Iterator[_Part]]]:
    for path in files:
        file = open_local(path)
        if file is None:
            yield from split_chunks(path, scan_file(path, verify=False))
        else:
            with file:
                yield from _split_local_file(path, file, start)
        start = FILE_START


def read_single_threaded(
    parser: BatchParser, files: Iterable[str], batch_size: int, start: StartPosition = FILE_START
) -> Generator[pa.RecordBatch]:
    """Read all records of the files, in batches.

    Args:
        parser: The parser of the schema.
        files: The files.
        batch_size: The most rows of a batch.
        start: Where to start in the first file, which must be local then.

    Raises:
        UsageError: A file cannot be opened or read.
        RecordError: A record is corrupt or does not match the schema; all batches before it have been
            yielded.
    """
    with closing(_read_chunks(files, start)) as chunks:
        yield from cut_batches(chunks, _ParsingBuilder(parser), batch_size, start)
