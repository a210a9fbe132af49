"""Records of several files parsed as they are read, a batch at a time: for one processor alone.

A local file is read a step at a time to memory that stays in the processor's cache, where the step's
records are checked and parsed before the next comes to the same place. Of a stream, compressed or at a URL,
each piece is parsed as soon as it is read.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from io import FileIO
from typing import Protocol

import pyarrow as pa

from headrace import _native
from headrace.records.files import open_regular
from headrace.records.framing import Records
from headrace.records.groups import BATCH_BYTES, cut, size
from headrace.records.parse import BatchParser, LocalState
from headrace.records.scan import scan_file, scan_on

__all__ = ["parse_as_read"]

_FIRST_BYTES = 1 << 18  # that tell what the rest of a batch is like


class _Growing:
    """A batch that records are put to.

    Attributes:
        rows: How many more records it takes.
        bytes: How many more bytes of them.
    """

    def __init__(self, parser: BatchParser, batch_size: int) -> None:
        self.parser = parser.fresh()
        self.rows, self.bytes = batch_size, BATCH_BYTES
        self._batch_size = batch_size

    def count(self, rows: int, bytes_: int) -> None:
        """So much was put to it; after the first records it makes room for the rest."""
        if self.is_empty and bytes_:
            expected = max(rows, min(self._batch_size, rows * BATCH_BYTES // bytes_))
            longer = expected * bytes_ // rows * 9 // 8  # than the first, the rest may be
            self.parser.reserve(expected, longer)
        self.rows -= rows
        self.bytes -= bytes_

    @property
    def is_empty(self) -> bool:
        return self.rows == self._batch_size

    @property
    def is_full(self) -> bool:
        return self.rows == 0 or self.bytes <= 0


class _Source(Protocol):
    def move_to(self, batch: _Growing) -> bool:
        """Puts records to the batch, and whether there may be more."""
        ...


class _Piece:
    """Records that have been read already."""

    def __init__(self, records: Records) -> None:
        self._rest: Records | None = records

    def move_to(self, batch: _Growing) -> bool:
        assert self._rest is not None
        part, self._rest = cut(self._rest, batch.rows, batch.bytes)
        batch.parser.append(part)
        batch.count(len(part), size([part]))
        return self._rest is not None


class _LocalFile:
    """A local file's records, as far as they are whole."""

    def __init__(self, path: str, file: FileIO) -> None:
        self.records = _native.LocalRecords(file.fileno())
        self.state = LocalState.MORE
        self._path = path

    def move_to(self, batch: _Growing) -> bool:
        bytes_ = min(batch.bytes, _FIRST_BYTES) if batch.is_empty else batch.bytes
        taken = batch.parser.append_local(self._path, self.records, batch.rows, bytes_)
        batch.count(taken.rows, taken.bytes)
        self.state = taken.state
        return self.state == LocalState.MORE


def _sources(path: str) -> Iterator[_Source]:
    """Where the file's records come from, each to be used up before the next."""
    file = open_regular(path)
    if file is None:
        yield from map(_Piece, scan_file(path, verify=False))
        return
    with file:
        local = _LocalFile(path, file)
        yield local
        if local.state == LocalState.END:
            return
        if local.records.offset:  # the scan says what is wrong
            yield from map(_Piece, scan_on(path, file, local.records.record, local.records.offset))
            return
    yield from map(_Piece, scan_file(path, verify=False))  # perhaps it is compressed


def parse_as_read(parser: BatchParser, files: Iterable[str], batch_size: int) -> Generator[pa.RecordBatch]:
    """The batches of the groups that `groups` makes of the files' records.

    Raises:
        UsageError: A file cannot be opened or read.
        RecordError: A record is damaged, or does not fit the schema; all batches before it have been given.
    """
    batch = _Growing(parser, batch_size)
    for source in (source for path in files for source in _sources(path)):
        more = True
        while more:
            more = source.move_to(batch)
            if batch.is_full:
                yield batch.parser.finish()
                batch = _Growing(parser, batch_size)
    if not batch.is_empty:
        yield batch.parser.finish()
