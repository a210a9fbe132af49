"""Records of several files parsed as they are read, a batch at a time: by the caller's thread alone.

A local file is read a step at a time to memory that stays in the processor's cache, where the step's
records are checked and parsed before the next comes to the same place. Of a stream, compressed or at a URL,
each piece is parsed as soon as it is read.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from io import FileIO

import pyarrow as pa

from headrace import _native
from headrace.records.messages.batch_parser import BatchParser, LocalState
from headrace.records.reading.batching import cut
from headrace.records.reading.chunks import FIRST_BYTES, SMALL, STRETCH, Filling, expected, stretch_end
from headrace.records.tfrecord.framing import Records
from headrace.records.tfrecord.scan import scan_file, scan_on
from headrace.storage import open_local

__all__ = ["parse_as_read"]


class _Growing:
    """The batch that records are put to.

    Attributes:
        filling: How far it has come.
    """

    def __init__(self, parser: BatchParser, batch_size: int) -> None:
        self.filling = Filling(batch_size)
        self._empty = parser
        self._parser = parser.fresh()
        self._first: tuple[int, int] | None = None  # how many records came first, and how many bytes

    def append(self, records: Records) -> None:
        """Put records to it."""
        self._make_room(STRETCH)
        self._parser.append(records)
        self._count(len(records), records.span)

    def append_local(self, path: str, records: _native.LocalRecords, stop: int, size: int) -> LocalState:
        """Put records to it that start before `stop`, and what follows them; of a file of `size` bytes."""
        before = records.offset
        self._make_room(min(stop, size) - before)
        if self._first is None:
            stop = min(stop, before + FIRST_BYTES)
        taken = self._parser.append_local(path, records, self.filling.rows, stop)
        self._count(taken.rows, records.offset - before)
        return taken.state

    def _make_room(self, left: int) -> None:
        """For the whole batch, if it is empty: what is `left` of the stretch, unless a small one goes on."""
        if self._first is not None and self.filling.is_empty:
            left = left if left >= SMALL else STRETCH
            self._parser.reserve(*expected(*self._first, left, self.filling.rows))

    def _count(self, rows: int, bytes_: int) -> None:
        if self._first is None and rows:
            self._first = rows, bytes_
            self._parser.reserve(*expected(rows, bytes_, STRETCH, self.filling.rows))
        self.filling.add(rows, bytes_)

    def when_full(self) -> Iterator[pa.RecordBatch]:
        """The batch, if it has all rows it takes; another one begins."""
        if self.filling.is_full:
            yield self._finish()
            self.filling.restart()

    def at_stretch_end(self) -> Iterator[pa.RecordBatch]:
        """The batch, if it ends where a stretch does; another one begins."""
        if self.filling.ends_with_stretch():
            yield self._finish()

    def last(self) -> Iterator[pa.RecordBatch]:
        """The batch, if it has any rows."""
        if not self.filling.is_empty:
            yield self._finish()

    def _finish(self) -> pa.RecordBatch:
        batch = self._parser.finish()
        self._parser = self._empty.fresh()
        return batch


def _of_local(path: str, file: FileIO, growing: _Growing) -> Iterator[pa.RecordBatch]:
    """What becomes full of a local file."""
    records = _native.LocalRecords(file.fileno())
    size = file.seek(0, os.SEEK_END)  # a hint: it may grow
    state = LocalState.MORE
    while state == LocalState.MORE:
        stop = stretch_end(records.offset)
        state = growing.append_local(path, records, stop, size)
        yield from growing.when_full()
        if records.offset >= stop or state == LocalState.END:
            yield from growing.at_stretch_end()
    if state == LocalState.STUCK:  # the scan says what is wrong, or that the file is compressed
        is_plain = records.offset > 0
        pieces = (
            scan_on(path, file, records.record, records.offset) if is_plain else scan_file(path, verify=False)
        )
        yield from _of_pieces(pieces, growing, records.offset)


def _of_pieces(pieces: Iterable[Records], growing: _Growing, offset: int = 0) -> Iterator[pa.RecordBatch]:
    """What becomes full of pieces of a file, the first of which starts at `offset`."""
    stop = stretch_end(offset)
    for piece in pieces:
        rest: Records | None = piece
        while rest is not None:
            if rest.begin >= stop:
                yield from growing.at_stretch_end()
                stop = stretch_end(rest.begin)
            part, rest = cut(rest, growing.filling.rows, stop)
            growing.append(part)
            yield from growing.when_full()
    yield from growing.at_stretch_end()


def parse_as_read(parser: BatchParser, files: Iterable[str], batch_size: int) -> Generator[pa.RecordBatch]:
    """All records of the files, in batches.

    Raises:
        UsageError: A file cannot be opened or read.
        RecordError: A record is damaged, or does not fit the schema; all batches before it have been given.
    """
    growing = _Growing(parser, batch_size)
    for path in files:
        file = open_local(path)
        if file is None:
            yield from _of_pieces(scan_file(path, verify=False), growing)
        else:
            with file:
                yield from _of_local(path, file, growing)
    yield from growing.last()
