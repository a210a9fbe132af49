"""The records of a file, a megabyte or one long record at a time."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import closing
from io import FileIO

import numpy as np
from numpy.typing import NDArray

from headrace import _native
from headrace._native import FrameState
from headrace.errors import HeadraceError, RecordError, UsageError
from headrace.records.tfrecord.framing import (
    COPY_AGAIN,
    FOOTER_SIZE,
    HEADER_SIZE,
    LARGEST_RECORD,
    Place,
    Records,
    checksum_error,
)
from headrace.storage import DECOMPRESSION_ERRORS, ByteStream, DecompressedStream, open_stream

__all__ = [
    "CHUNK_SIZE",
    "Scan",
    "detect_compression",
    "holds_records",
    "is_intact",
    "open_scan",
    "scan_file",
    "scan_open_file",
]

CHUNK_SIZE = 1 << 20  # stays in a processor's cache between its reading, its checksum and its parsing


def _is_gzip(head: bytes) -> bool:
    return head[:3] == b"\x1f\x8b\x08"


def _is_zlib(head: bytes) -> bool:
    """Deflate, a window of at most 32 KB, no dictionary, and a check value that divides by 31.

    No deflated data start with two small bytes and four zeros, but the length of a record does.
    """
    return (
        len(head) > 1
        and head[0] & 0x8F == 8
        and not head[1] & 0x20
        and (head[0] << 8 | head[1]) % 31 == 0
        and head[4:8] != bytes(4)
    )


def detect_compression(head: bytes) -> str | None:
    """How a file that starts with these 12 bytes is compressed.

    A record's header can look like a compressed file by chance, but then its checksum is right.

    >>> detect_compression(bytes.fromhex("1f8b0800 00000000 00034b4c"))
    'gzip'
    """
    kind = "gzip" if _is_gzip(head) else "zlib" if _is_zlib(head) else None
    return (
        kind
        if kind and (len(head) < 12 or _native.scan_frames(head)[3] == FrameState.BAD_LENGTH_CHECKSUM)
        else None
    )


def _fill(stream: ByteStream, memory: NDArray[np.uint8]) -> tuple[int, Exception | None]:
    """Reads until `memory` is full or the stream ends or fails; the number of bytes read, and the failure."""
    done = 0
    try:
        while done < len(memory):
            count = stream.readinto(memory[done:].data)
            if not count:
                break
            done += count
    except (OSError, *DECOMPRESSION_ERRORS) as error:
        return done, error
    return done, None


class Scan:
    """How far one pass over a file has come.

    Attributes:
        path: The file.
        tail: Bytes read but not given yet; a record starts there.
        record: That record's number.
        offset: Its byte offset in the file's uncompressed bytes.
        claimed: The length its header claims, if that is known.
        at_end: Whether nothing follows `tail`.
        failure: What ended the reading before the file's end, if something did.
        is_compressed: Whether the file is.
    """

    def __init__(self, path: str, stream: ByteStream, head: bytes, size: int | None) -> None:
        self.path = path
        self.tail = np.frombuffer(head, np.uint8)
        self.record = self.offset = self.claimed = 0
        self.at_end = False
        self.is_compressed = isinstance(stream, DecompressedStream)
        self._stream = stream
        self._size = size  # of the uncompressed bytes, if known
        self.failure: Exception | None = None

    def close(self) -> None:
        """Closes the file."""
        self._stream.close()

    @property
    def left(self) -> int:
        """How many bytes the file has from `tail` on, as far as is known."""
        return 2**64 - 1 if self._size is None else max(self._size - self.offset, len(self.tail))

    def read_on(self) -> None:
        """Adds to `tail` a chunk, or what is missing of a long record.

        Where the file's length is not known, a long record's memory doubles as its bytes arrive, whatever its
        header claims.
        """
        have = len(self.tail)
        missing = HEADER_SIZE + self.claimed + FOOTER_SIZE - have
        room = max(CHUNK_SIZE, missing if self._size is not None else min(missing, have))
        buffer = _native.allocate_bytes(have + room)
        buffer[:have] = self.tail
        count, self.failure = _fill(self._stream, buffer[have:])
        self.tail, self.at_end = buffer[: have + count], count < room

    def frames(self, verify: bool = True) -> tuple[Records, FrameState]:
        """The good records at the start of `tail`, taken off it, and what comes then."""
        starts, lengths, end, state, claimed = _native.scan_frames(self.tail, verify)
        records = Records(self.path, self.record, self.offset, self.tail, starts, lengths, verified=verify)
        self.pass_over(end, len(starts))
        self.claimed = claimed
        return records, state

    def pass_over(self, size: int, records: int) -> None:
        """Takes `size` bytes, which hold so many records, off `tail`."""
        self.tail = self.tail[size:]
        self.offset += size
        self.record += records
        self.claimed = 0

    def trouble(self, state: FrameState) -> HeadraceError | None:
        """What is wrong with the record at `tail`; None if more is to be read, or nothing is left."""
        place = Place(self.path, self.record, self.offset)
        if state > FrameState.PARTIAL:
            return _damaged(place, state)
        if self.claimed > LARGEST_RECORD:
            what = f"the header claims {self.claimed:,} bytes of data, the limit is 2 GiB"
            return place.error(what, "split the record")
        if self.failure is not None:
            return _failed(place, self.failure)
        left = len(self.tail) if self.at_end else self.left
        if state == FrameState.PARTIAL and left < HEADER_SIZE + self.claimed + FOOTER_SIZE:
            return _truncated(place, left, self.claimed)
        return None


def _truncated(place: Place, have: int, claimed: int) -> RecordError:
    if have < HEADER_SIZE:
        what = f"the file ends after {have} of the {HEADER_SIZE} bytes of this record's header"
    else:
        needed, left = claimed + FOOTER_SIZE, have - HEADER_SIZE
        what = f"the file ends inside this record: {needed:,} bytes follow its header, {left:,} are there"
    return place.error(what, COPY_AGAIN)


def _damaged(place: Place, state: FrameState) -> RecordError:
    if state == FrameState.BAD_DATA_CHECKSUM:
        return checksum_error(place)
    if place.offset == 0:
        what = "this is no TFRecord file: its first bytes are not a record's header"
        return place.error(what, "give a TFRecord file")
    return place.error("the record's header does not match its checksum", COPY_AGAIN)


def _failed(place: Place, failure: Exception) -> HeadraceError:
    if isinstance(failure, DECOMPRESSION_ERRORS):
        return place.error(f"the file's compression is damaged near here: {failure}", COPY_AGAIN)
    what = f"cannot be read on: {failure}"
    return UsageError(what, path=place.path, offset=place.offset, hint="try again or copy the file")


def open_scan(path: str) -> Scan:
    """A pass over the file from its start, decompressed if need be.

    Raises:
        UsageError: The file cannot be opened.
    """
    stream, size = open_stream(path)
    first = np.empty(HEADER_SIZE, np.uint8)
    count, failure = _fill(stream, first)
    if failure is not None:
        stream.close()
        raise _failed(Place(path, 0, 0), failure)
    head = first[:count].tobytes()
    compression = detect_compression(head)
    if compression is None:
        return Scan(path, stream, head, size)
    return Scan(path, DecompressedStream(stream, compression, head), b"", None)


def is_intact(path: str) -> bool:
    """Whether the file's compression is whole, as far as its own checksums tell; reads all of it."""
    with closing(open_scan(path)) as scan:
        while not scan.at_end:
            scan.pass_over(len(scan.tail), 0)
            scan.read_on()
        return scan.failure is None


def _records(scan: Scan, verify: bool) -> Iterator[Records]:
    with closing(scan):
        while not scan.at_end:
            scan.read_on()
            records, state = scan.frames(verify)
            if len(records):
                yield records
            if error := scan.trouble(state):
                raise error


def scan_file(path: str, verify: bool = True) -> Generator[Records]:
    """The file's records, a megabyte or one long record at a time.

    Args:
        path: The file.
        verify: Whether to verify the data's checksums; else whoever reads the data does.

    Raises:
        UsageError: The file cannot be opened or read.
        RecordError: Truncation, damage, or no TFRecord file; the records before it have been given.
    """
    yield from _records(open_scan(path), verify)


def scan_open_file(path: str, file: FileIO, record: int, offset: int) -> Iterator[Records]:
    """As `scan_file`, from a record on, of an uncompressed local file, which is closed in the end.

    Args:
        path: The file.
        file: The same, open.
        record: The record's number.
        offset: Where it starts.
    """
    file.seek(offset)
    scan = Scan(path, file, b"", os.fstat(file.fileno()).st_size)
    scan.pass_over(0, record)
    scan.offset = offset
    yield from _records(scan, verify=False)


def holds_records(path: str) -> bool:
    """Whether the file, compressed or not, local or not, is empty or starts with a record."""
    try:
        with closing(scan_file(path, verify=False)) as pieces:
            next(pieces, None)
    except HeadraceError:
        return False
    return True
