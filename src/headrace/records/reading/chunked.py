"""Records of local files parsed by several threads, each a stretch of a file at a time.

A thread that begins inside a file looks for the next place where a record seems to start, going by a header's
checksum. That is only a guess until all before it has been read: if the records before do not end where it
began, or if there is anything wrong with its records, the stretch is read again, one record after the other.
So no file can make it give what reading in order would not.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import FileIO
from typing import NamedTuple

import pyarrow as pa

from headrace import _native
from headrace.errors import RecordError, UsageError
from headrace.parallel import ordered_map
from headrace.records.messages.batch_parser import BatchParser, LocalState
from headrace.records.reading.chunks import ALL_RECORDS, FIRST_BYTES, STRETCH, Filling, expected
from headrace.records.schema.sequence_example import RecordSchema, arrow_schema
from headrace.records.tfrecord.framing import HEADER_SIZE, FrameState
from headrace.records.tfrecord.scan import scan_file, scan_on
from headrace.storage import local_path, open_local

__all__ = ["parse_side_by_side", "suits"]


class _Stretch(NamedTuple):
    """The records that start in [start, stop) of an open file, of which `length` bytes are there."""

    path: str
    file: FileIO
    start: int
    stop: int
    length: int
    is_last: bool


class _Found(NamedTuple):
    """A stretch's records, whole and fit, and where they start and end in the file."""

    batch: pa.RecordBatch
    start: int
    stop: int


def _stretches(files: Iterable[str], opened: set[FileIO]) -> Iterator[_Stretch]:
    for path in files:
        file = open_local(path)
        if file is None:
            raise UsageError("is no file any more", path=path, hint="check the path")
        opened.add(file)
        size = file.seek(0, os.SEEK_END)
        for start in range(0, max(size, 1), STRETCH):
            is_last = start + STRETCH >= size
            stop = ALL_RECORDS if is_last else start + STRETCH
            yield _Stretch(path, file, start, stop, min(STRETCH, size - start), is_last)


def _find(parser: BatchParser, stretch: _Stretch) -> _Found | None:
    """The stretch's records, from the first that seems to be one; None if they are not all whole and fit."""
    records = _native.LocalRecords(stretch.file.fileno(), stretch.start)
    if stretch.start and not records.find(stretch.stop):
        return None
    start = records.offset
    parser = parser.fresh()
    try:
        first = min(start + FIRST_BYTES, stretch.stop)
        taken = parser.append_local(stretch.path, records, ALL_RECORDS, first)
        if taken.state == LocalState.MORE and taken.rows:
            parser.reserve(*expected(taken.rows, records.offset - start, stretch.length))
            taken = parser.append_local(stretch.path, records, ALL_RECORDS, stretch.stop)
    except RecordError:
        return None
    return None if taken.state == LocalState.STUCK else _Found(parser.finish(), start, records.offset)


class _Place:
    """How far the present file has been read in order.

    Attributes:
        offset: Where the next record starts.
        record: That one's number.
    """

    def __init__(self) -> None:
        self.offset = self.record = 0

    def passed(self, batch: pa.RecordBatch, stop: int) -> _Found:
        """These records, which come next and end at `stop`."""
        found = _Found(batch, self.offset, stop)
        self.offset, self.record = stop, self.record + batch.num_rows
        return found


def _in_order(parser: BatchParser, stretch: _Stretch, place: _Place) -> Iterator[_Found]:
    """The stretch's records from the place on, one after the other.

    Raises:
        UsageError: The file cannot be read.
        RecordError: One is damaged or does not fit the schema; those before it have been given.
    """
    path, file = stretch.path, stretch.file
    most = ALL_RECORDS
    while True:
        records = _native.LocalRecords(file.fileno(), place.offset, place.record)
        growing = parser.fresh()
        try:
            taken = growing.append_local(path, records, most, stretch.stop)
        except RecordError:
            most = records.record - place.record
            if not most:
                raise
            continue  # first those before it
        yield place.passed(growing.finish(), records.offset)
        if most == ALL_RECORDS:
            break
        most = ALL_RECORDS
    if taken.state == LocalState.STUCK:  # the scan says what is wrong, or that the file is compressed
        scan = (
            scan_on(path, file, place.record, place.offset) if place.offset else scan_file(path, verify=False)
        )
        for piece in scan:
            growing = parser.fresh()
            growing.append(piece)
            yield place.passed(growing.finish(), piece.begin + piece.span)


def _checked(
    parser: BatchParser, results: Iterable[tuple[_Stretch, _Found | None]], opened: set[FileIO]
) -> Iterator[_Found | None]:
    """The records of all files, in order; None where a stretch ends."""
    place = _Place()
    for stretch, found in results:
        if place.offset < stretch.stop:
            if found is not None and found.start == place.offset:
                yield place.passed(found.batch, found.stop)
            else:
                yield from _in_order(parser, stretch, place)
            yield None
        if stretch.is_last:
            stretch.file.close()
            opened.remove(stretch.file)
            place = _Place()


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)


def _cut(parts: Iterable[_Found | None], batch_size: int) -> Iterator[pa.RecordBatch]:
    """The same rows in batches."""
    filling = Filling(batch_size)
    begun: list[pa.RecordBatch] = []
    for found in parts:
        if found is None:
            if filling.ends_with_stretch():
                yield _joined(begun)
                begun = []
            continue
        rest = found.batch
        while rest.num_rows >= filling.rows:
            taken, rest = rest.slice(0, filling.rows), rest.slice(filling.rows)
            yield _joined([*begun, taken])
            begun = []
            filling.add(taken.num_rows, 0)
            filling.restart()
        if rest.num_rows:
            begun.append(rest)
        filling.add(rest.num_rows, found.stop - found.start)
    if begun:
        yield _joined(begun)


def _has_dictionaries(type_: pa.DataType) -> bool:
    fields = (type_.field(i).type for i in range(type_.num_fields))
    return pa.types.is_dictionary(type_) or any(map(_has_dictionaries, fields))


def _is_plain(path: str) -> bool:
    """Whether the file is local, and empty or starts as an uncompressed file of records does."""
    file = open_local(path)
    if file is None:
        return False
    with file:
        return _native.scan_frames(file.read(HEADER_SIZE))[3] <= FrameState.PARTIAL


def suits(schema: RecordSchema, files: list[str]) -> bool:
    """Whether `parse_side_by_side` is for these files: local ones, of which the first is not compressed."""
    if any(_has_dictionaries(field.type) for field in arrow_schema(schema)):
        return False  # each batch has dictionaries of its own
    paths = map(local_path, files)
    return all(path is not None and path.is_file() for path in paths) and _is_plain(files[0])


def parse_side_by_side(
    parser: BatchParser, files: Iterable[str], batch_size: int, threads: int
) -> Generator[pa.RecordBatch]:
    """All records of the files, which are local, in batches: those of `parse_as_read`.

    Raises:
        UsageError: A file cannot be opened or read.
        RecordError: A record is damaged, or does not fit the schema; all batches before it have been given.
    """
    opened: set[FileIO] = set()
    pool = ThreadPoolExecutor(threads - 1, thread_name_prefix="headrace-records")
    try:
        stretches = _stretches(files, opened)
        results = ordered_map(
            partial(_find, parser), stretches, pool, lambda each: each.length, (threads + 1) * STRETCH
        )
        yield from _cut(_checked(parser, results, opened), batch_size)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for file in opened:
            file.close()
