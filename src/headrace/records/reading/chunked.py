"""Read uncompressed local files by several threads, each of which parses one chunk of a file at a time.

A thread that begins inside a file searches for the next place where a record seems to start, by the checksum
of record headers. That place is only a guess until everything before it has been read: if the records before
it do not end where the thread began, or if any of its records is corrupt, the chunk is read again, record by
record from the last known end. So no file can make this reader return anything but what reading in order
returns.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import FileIO
from itertools import pairwise
from typing import NamedTuple

import pyarrow as pa

from headrace._native import FrameState, LocalRecords, LocalState, scan_frames
from headrace.errors import RecordError, UsageError
from headrace.parallel import ordered_map
from headrace.records.messages.batch_parser import BatchParser
from headrace.records.reading.batching import check_complete, cut_batches
from headrace.records.reading.chunks import (
    CHUNK_SIZE,
    FILE_START,
    NO_LIMIT,
    SAMPLE_SIZE,
    Chunk,
    StartPosition,
)
from headrace.records.tfrecord.framing import HEADER_SIZE
from headrace.records.tfrecord.scan import scan_file, scan_open_file
from headrace.storage import local_path, open_local

__all__ = ["can_read_chunked", "read_chunked"]


class _ParsedRecords(NamedTuple):
    """Consecutive valid records of a file, and the byte offsets where the first starts and the last ends."""

    batch: pa.RecordBatch
    start: int
    stop: int


def _open_chunks(files: Iterable[str], opened: set[FileIO], offset: int) -> Iterator[Chunk]:
    """Open one file after the other, and divide each into chunks, the first one from `offset` on."""
    for path in files:
        file = open_local(path)
        if file is None:
            raise UsageError("is not a regular file any more", path=path, hint="check the path")
        opened.add(file)
        size = file.seek(0, os.SEEK_END)
        rest = range(offset - offset % CHUNK_SIZE + CHUNK_SIZE, size, CHUNK_SIZE)
        for start, stop in pairwise([offset, *rest, NO_LIMIT]):
            yield Chunk(path, start, stop, min(stop, size) - start, file)
        offset = 0


def _open_records(chunk: Chunk, offset: int, record: int = 0) -> LocalRecords:
    assert chunk.file is not None
    return LocalRecords(chunk.file.fileno(), offset, record)


def _parse_chunk(parser: BatchParser, chunk: Chunk) -> _ParsedRecords | None:
    """Parse the chunk's records from the first place where one seems to start; None unless all are valid."""
    records = _open_records(chunk, chunk.start)
    if chunk.start and not records.find(chunk.stop):
        return None
    start = records.offset
    parser = parser.fresh()
    try:
        sample_stop = min(start + SAMPLE_SIZE, chunk.stop)
        rows, state = parser.append_local(chunk.path, records, NO_LIMIT, sample_stop)
        if state == LocalState.MORE and rows:
            parser.reserve_like(rows, records.offset - start, chunk.size, NO_LIMIT)
            rows, state = parser.append_local(chunk.path, records, NO_LIMIT, chunk.stop)
    except RecordError:
        return None
    return None if state == LocalState.STUCK else _ParsedRecords(parser.finish(), start, records.offset)


class _Position:
    """How far the present file has been read in order.

    Attributes:
        offset: The byte offset of the next record.
        record: The number of the next record.
        is_over: Whether the file has been scanned to its end.
        is_compressed: Whether offsets are those of the uncompressed bytes.
    """

    def __init__(self, start: StartPosition = FILE_START) -> None:
        self.offset, self.record = start.offset, start.record
        self.is_over = self.is_compressed = False

    def advance(self, batch: pa.RecordBatch, stop: int) -> _ParsedRecords:
        """Move behind the next records, which end at byte `stop`."""
        parsed = _ParsedRecords(batch, self.offset, stop)
        self.offset, self.record = stop, self.record + batch.num_rows
        return parsed


def _parse_in_order(parser: BatchParser, chunk: Chunk, position: _Position) -> Iterator[_ParsedRecords]:
    """Parse the chunk's records from the position on, up to the first that is not valid.

    Raises:
        UsageError: The file cannot be read.
        RecordError: A record is corrupt or does not match the schema; those before it have been yielded.
    """
    limit = NO_LIMIT
    while True:
        records = _open_records(chunk, position.offset, position.record)
        attempt = parser.fresh()
        try:
            _, state = attempt.append_local(chunk.path, records, limit, chunk.stop)
        except RecordError:
            limit = records.record - position.record
            if not limit:
                raise
            continue  # yield the records before the error first
        yield position.advance(attempt.finish(), records.offset)
        if limit == NO_LIMIT:
            break
        limit = NO_LIMIT
    if state == LocalState.STUCK:
        yield from _scan_in_order(parser, chunk, position)


def _scan_in_order(parser: BatchParser, chunk: Chunk, position: _Position) -> Iterator[_ParsedRecords]:
    """Scan the rest of the file, which raises what is wrong with it, or decompresses it."""
    assert chunk.file is not None
    position.is_over, position.is_compressed = True, not position.offset
    if position.offset:
        own = FileIO(os.dup(chunk.file.fileno()))  # the scan closes it; threads may still read the other
        blocks = scan_open_file(chunk.path, own, position.record, position.offset)
    else:
        blocks = scan_file(chunk.path, verify=False)
    for block in blocks:
        attempt = parser.fresh()
        attempt.append(block)
        yield position.advance(attempt.finish(), block.begin + block.span)


def _verify(
    parser: BatchParser, chunk: Chunk, parsed: _ParsedRecords | None, position: _Position
) -> Iterator[_ParsedRecords]:
    """Return the parsed records if they start at the position, else parse the chunk in order."""
    if parsed is not None and parsed.start == position.offset:
        yield position.advance(parsed.batch, parsed.stop)
    else:
        yield from _parse_in_order(parser, chunk, position)


def _verify_chunks(
    parser: BatchParser,
    results: Iterable[tuple[Chunk, _ParsedRecords | None]],
    opened: set[FileIO],
    start: StartPosition,
) -> Iterator[tuple[Chunk, Iterator[_ParsedRecords]]]:
    """Yield each chunk with its records, and close each file behind its last chunk."""
    position = _Position(start)
    for chunk, parsed in results:
        if position.offset < chunk.stop and not position.is_over:
            yield chunk, _verify(parser, chunk, parsed, position)
        if chunk.stop == NO_LIMIT:
            assert chunk.file is not None
            if not position.is_compressed:
                check_complete(chunk.path, position.offset, chunk.start + chunk.size)
            chunk.file.close()
            opened.remove(chunk.file)
            position = _Position()


class _SlicingBuilder:
    """Joins slices of parsed chunks; a batch inside one chunk is a slice without a copy."""

    is_full = False

    def __init__(self) -> None:
        self._slices: list[pa.RecordBatch] = []

    @property
    def is_empty(self) -> bool:
        return not self._slices

    def append(
        self, _chunk: Chunk, records: _ParsedRecords, rows: int
    ) -> tuple[int, int, _ParsedRecords | None]:
        batch, start, stop = records
        if batch.num_rows > rows:
            self._slices.append(batch.slice(0, rows))
            return rows, 0, _ParsedRecords(batch.slice(rows), start, stop)
        if batch.num_rows:
            self._slices.append(batch)
        return batch.num_rows, stop - start, None

    def finish(self) -> pa.RecordBatch:
        slices, self._slices = self._slices, []
        return slices[0] if len(slices) == 1 else pa.concat_batches(slices)


def _has_dictionaries(type_: pa.DataType) -> bool:
    fields = (type_.field(i).type for i in range(type_.num_fields))
    return pa.types.is_dictionary(type_) or any(map(_has_dictionaries, fields))


def _is_uncompressed(path: str) -> bool:
    """Whether the file is local, and empty or begins with a record header."""
    file = open_local(path)
    if file is None:
        return False
    with file:
        state = scan_frames(file.read(HEADER_SIZE))[3]
    return state in (FrameState.COMPLETE, FrameState.PARTIAL)


def can_read_chunked(schema: pa.Schema, files: list[str]) -> bool:
    """Whether all files are local, the first is uncompressed, and no column is dictionary-encoded.

    Each batch has dictionaries of its own, so batches that have them cannot be joined.
    """
    if any(_has_dictionaries(field.type) for field in schema):
        return False
    paths = map(local_path, files)
    return all(path is not None and path.is_file() for path in paths) and _is_uncompressed(files[0])


def read_chunked(
    parser: BatchParser,
    files: Iterable[str],
    batch_size: int,
    threads: int,
    start: StartPosition = FILE_START,
) -> Generator[pa.RecordBatch]:
    """Read all records of local files, in the batches that `read_single_threaded` yields.

    Args:
        parser: The parser of the schema.
        files: The files.
        batch_size: The most rows of a batch.
        threads: The number of threads, including the caller's.
        start: Where to start in the first file.

    Raises:
        UsageError: A file cannot be opened or read.
        RecordError: A record is corrupt or does not match the schema; all batches before it have been
            yielded.
    """
    opened: set[FileIO] = set()
    pool = ThreadPoolExecutor(threads - 1, thread_name_prefix="headrace-records")
    try:
        results = ordered_map(
            partial(_parse_chunk, parser),
            _open_chunks(files, opened, start.offset),
            pool,
            lambda chunk: chunk.size,
            (threads + 1) * CHUNK_SIZE,
        )
        chunks = _verify_chunks(parser, results, opened, start)
        yield from cut_batches(chunks, _SlicingBuilder(), batch_size, start)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for file in opened:
            file.close()
