"""TFRecord files as raw records: bytes in, bytes out.

One record is a uint64 length, the masked CRC-32C of that length, the data, and the masked CRC-32C of the
data, all little-endian (https://www.tensorflow.org/tutorials/load_data/tfrecord). A file may be
gzipped as a whole.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from headrace import _native
from headrace.errors import RecordError, UsageError
from headrace.records.atomic import AtomicFile

__all__ = ["RecordReader", "RecordWriter", "Records", "scan_file"]

HEADER_SIZE = 12
FOOTER_SIZE = 4
CHUNK_SIZE = 1 << 20  # stays in a processor's cache between its reading, its checksum and its parsing
LARGEST_RECORD = 2**31 - 1  # what protocol buffers allow a message
ByteStream: TypeAlias = FileIO | gzip.GzipFile
_PARTIAL, _BAD_LENGTH_SUM, _BAD_DATA_SUM = 1, 2, 3
_COPY_AGAIN = "copy or write the file again"
_NOT_TFRECORD = "this is no TFRecord file: its first bytes are not a record's header"


@dataclass(frozen=True)
class Place:
    """Where a record is: its file, its number there, and the byte offset of its header."""

    path: str | None
    record: int
    offset: int | None

    def error(self, what: str, way_out: str, feature: str | None = None) -> RecordError:
        """The error that names this place."""
        return RecordError(
            what, path=self.path, record=self.record, offset=self.offset, feature=feature, way_out=way_out
        )


@dataclass(frozen=True)
class Records:
    """Neighbouring records of one file, checksums verified.

    Attributes:
        path: The file; None for records that come from none.
        first: The first record's number in the file.
        offset: Where `data` starts in the file (in its uncompressed bytes).
        data: Bytes that hold the records, and perhaps more.
        starts: Where in `data` each record's payload starts, int64.
        lengths: The payloads' lengths, int64.
    """

    path: str | None
    first: int
    offset: int
    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)

    def slice(self, start: int, stop: int) -> Records:
        """Records from `start` up to `stop`, sharing memory."""
        starts, lengths = self.starts[start:stop], self.lengths[start:stop]
        return Records(self.path, self.first + start, self.offset, self.data, starts, lengths)

    def place(self, row: int) -> Place:
        """Where the `row`-th of these records is."""
        offset = None if self.path is None else self.offset + int(self.starts[row]) - HEADER_SIZE
        return Place(self.path, self.first + row, offset)

    def payloads(self) -> Iterator[bytes]:
        """Each record's data."""
        for start, length in zip(self.starts.tolist(), self.lengths.tolist(), strict=True):
            yield self.data[start : start + length].tobytes()


def _looks_like_gzip(head: bytes) -> bool:
    """A TFRecord header can start like gzip by chance, but then its checksum is right."""
    return head[:3] == b"\x1f\x8b\x08" and _native.scan_frames(head)[3] == _BAD_LENGTH_SUM


def _open(path: str) -> tuple[ByteStream, int | None]:
    """The file's uncompressed bytes and, if known, their number."""
    try:
        file = Path(path).open("rb", buffering=0)  # noqa: SIM115 - scan_file closes it
        head = file.read(HEADER_SIZE)
        file.seek(0)
        size = os.fstat(file.fileno()).st_size
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise UsageError(what, path=path, way_out="give the path of a TFRecord file") from error
    if _looks_like_gzip(head):
        return gzip.GzipFile(fileobj=file, mode="rb"), None
    return file, size


def _fill(file: ByteStream, memory: NDArray[np.uint8]) -> int:
    """Reads until `memory` is full or the file ends; the number of bytes read."""
    done = 0
    while done < len(memory):
        count = file.readinto(memory[done:].data)
        if not count:
            break
        done += count
    return done


def _truncated(place: Place, have: int, claimed: int) -> RecordError:
    if have < HEADER_SIZE:
        what = f"the file ends after {have} of the {HEADER_SIZE} bytes of this record's header"
    else:
        needed, left = claimed + FOOTER_SIZE, have - HEADER_SIZE
        what = f"the file ends inside this record: {needed:,} bytes follow its header, {left:,} are there"
    return place.error(what, _COPY_AGAIN)


def _damaged(place: Place, state: int) -> RecordError:
    if state == _BAD_DATA_SUM:
        return place.error("the data do not match their checksum", _COPY_AGAIN)
    if place.offset == 0:
        return place.error(_NOT_TFRECORD, "give a TFRecord file")
    return place.error("the record's header does not match its checksum", _COPY_AGAIN)


def _read_on(file: ByteStream, tail: NDArray[np.uint8], place: Place) -> tuple[NDArray[np.uint8], bool]:
    """`tail` and the bytes after it, and whether the file ends there.

    A long record's buffer doubles as its bytes arrive, whatever its header claims.
    """
    room = max(CHUNK_SIZE, len(tail))
    buffer = np.empty(len(tail) + room, np.uint8)
    buffer[: len(tail)] = tail
    try:
        count = _fill(file, buffer[len(tail) :])
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise place.error(f"the gzip compression is damaged near here: {error}", _COPY_AGAIN) from error
    return buffer[: len(tail) + count], count < room


def _check_claim(claimed: int, size: int | None, place: Place) -> None:
    """Refuses a record that cannot be there before room is made for it."""
    if claimed > LARGEST_RECORD:
        raise place.error(
            f"the header claims {claimed:,} bytes of data, the limit is 2 GiB", "split the record"
        )
    if size is not None and place.offset is not None and claimed:
        have = size - place.offset
        if have < HEADER_SIZE + claimed + FOOTER_SIZE:
            raise _truncated(place, have, claimed)


def _scan(file: ByteStream, size: int | None, path: str) -> Iterator[Records]:
    tail = np.empty(0, np.uint8)
    first = offset = 0
    at_end = False
    while not at_end:
        data, at_end = _read_on(file, tail, Place(path, first, offset))
        starts, lengths, end, state, claimed = _native.scan_frames(data)
        if len(starts):
            yield Records(path, first, offset, data, starts, lengths)
        first, offset, tail = first + len(starts), offset + end, data[end:]
        place = Place(path, first, offset)
        if state > _PARTIAL:
            raise _damaged(place, state)
        _check_claim(claimed, size, place)
        if at_end and len(tail):
            raise _truncated(place, len(tail), claimed)


def scan_file(path: str) -> Iterator[Records]:
    """The file's records, a megabyte or one long record at a time.

    Raises:
        UsageError: The file cannot be opened.
        RecordError: Truncation, damage, or no TFRecord file; the records before it have been given.
    """
    file, size = _open(path)
    with file:
        yield from _scan(file, size, path)


class RecordReader:
    """Iterates over the payloads of a TFRecord file; gzip is recognised.

    Every iteration reads the file from its start.

    Raises:
        UsageError: (on iteration) The file cannot be opened.
        RecordError: (on iteration) Truncation, damage, or no TFRecord file.

    Example:
        >>> from headrace.records import RecordReader, RecordWriter
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "raw.tfrecord"
        >>> with RecordWriter(path) as writer:
        ...     writer.write(b"one")
        >>> list(RecordReader(path))
        [b'one']
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)

    def __iter__(self) -> Iterator[bytes]:
        for records in scan_file(self.path):
            yield from records.payloads()


class RecordWriter:
    """Writes payloads to a TFRecord file, which appears under its name when `close` is called.

    As a context manager it closes at the end, and leaves no file when an exception passes.

    Args:
        path: The file; an existing one is replaced.
        compression: None or "gzip".

    Raises:
        UsageError: An unknown compression, or a directory that cannot be written to.
    """

    def __init__(self, path: str | os.PathLike[str], compression: str | None = None) -> None:
        self._file = AtomicFile(path, compression)

    def write(self, data: bytes) -> None:
        """Appends one record."""
        self._file.write(_native.frame(data))

    def close(self) -> None:
        """Completes the file and gives it its name."""
        self._file.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)
