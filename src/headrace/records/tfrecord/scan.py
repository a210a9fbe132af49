"""Scan a file for records, a block of 1 MB, or one long record, at a time."""

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
from headrace.records.tfrecord.detect_compression import detect_compression
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
    "BLOCK_SIZE",
    "NOT_TFRECORD",
    "Scan",
    "holds_records",
    "is_intact",
    "open_scan",
    "scan_file",
    "scan_open_file",
]

NOT_TFRECORD = "not a TFRecord file: it does not start with a record header"  # an error's `what`
BLOCK_SIZE = 1 << 20  # stays in the CPU's cache while it is read, verified and parsed


def _fill(stream: ByteStream, memory: NDArray[np.uint8]) -> tuple[int, Exception | None]:
    """Read until `memory` is full or the stream ends or fails; return the number of bytes and the failure."""
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
    """One pass over a file.

    Attributes:
        path: The file.
        tail: The bytes read but not yet returned; a record starts at the first of them.
        record: The number of that record.
        offset: The byte offset of that record, in the file's uncompressed bytes.
        claimed: The length that the header of that record claims, or 0 if the header has not been read.
        at_end: Whether no bytes of the file follow `tail`.
        failure: The exception that ended reading before the end of the file, if any.
        is_compressed: Whether the file is compressed.
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
        """Close the file."""
        self._stream.close()

    @property
    def left(self) -> int:
        """The number of bytes of the file from `tail` on; 2**64 - 1 if unknown."""
        return 2**64 - 1 if self._size is None else max(self._size - self.offset, len(self.tail))

    def read_block(self) -> None:
        """Append a block to `tail`, or the missing bytes of a long record.

        If the length of the file is unknown, the memory of a long record doubles as its bytes arrive,
        so that a claimed length does not allocate memory.
        """
        have = len(self.tail)
        missing = HEADER_SIZE + self.claimed + FOOTER_SIZE - have
        room = max(BLOCK_SIZE, missing if self._size is not None else min(missing, have))
        buffer = _native.allocate_bytes(have + room)
        buffer[:have] = self.tail
        count, self.failure = _fill(self._stream, buffer[have:])
        self.tail, self.at_end = buffer[: have + count], count < room

    def take_records(self, verify: bool = True) -> tuple[Records, FrameState]:
        """Remove the intact records at the start of `tail`; return them, and what follows them."""
        starts, lengths, end, state, claimed = _native.scan_frames(self.tail, verify)
        records = Records(self.path, self.record, self.offset, self.tail, starts, lengths, verified=verify)
        self.skip(end, len(starts))
        self.claimed = claimed
        return records, state

    def skip(self, size: int, records: int) -> None:
        """Remove `size` bytes from the start of `tail`, which count as that number of records."""
        self.tail = self.tail[size:]
        self.offset += size
        self.record += records
        self.claimed = 0

    def find_error(self, state: FrameState) -> HeadraceError | None:
        """Find what is wrong with the record at `tail`; None if more bytes must be read, or none are left."""
        place = Place(self.path, self.record, self.offset)
        if state > FrameState.PARTIAL:
            return _corruption_error(place, state)
        if self.claimed > LARGEST_RECORD:
            what = f"expected at most 2 GiB of data, but the header claims {self.claimed:,} bytes"
            return place.error(what, "split the record")
        if self.failure is not None:
            return _read_error(place, self.failure)
        left = len(self.tail) if self.at_end else self.left
        if state == FrameState.PARTIAL and left < HEADER_SIZE + self.claimed + FOOTER_SIZE:
            return _truncation_error(place, left, self.claimed)
        return None


def _truncation_error(place: Place, have: int, claimed: int) -> RecordError:
    if have < HEADER_SIZE:
        what = f"the file ends inside the header of this record: expected {HEADER_SIZE} bytes, got {have}"
    else:
        needed, left = claimed + FOOTER_SIZE, have - HEADER_SIZE
        what = f"the file ends inside this record: expected {needed:,} bytes after its header, got {left:,}"
    return place.error(what, COPY_AGAIN)


def _corruption_error(place: Place, state: FrameState) -> RecordError:
    if state == FrameState.BAD_DATA_CHECKSUM:
        return checksum_error(place)
    if place.offset == 0:
        return place.error(NOT_TFRECORD, "pass a TFRecord file")
    return place.error("the header of the record does not match its checksum", COPY_AGAIN)


def _read_error(place: Place, failure: Exception) -> HeadraceError:
    if isinstance(failure, DECOMPRESSION_ERRORS):
        return place.error(f"the compressed data are corrupt near here: {failure}", COPY_AGAIN)
    what = f"cannot be read further: {failure}"
    return UsageError(what, path=place.path, offset=place.offset, hint="try again or copy the file")


def open_scan(path: str) -> Scan:
    """Open a file and scan it from its start, decompressing it if needed.

    Raises:
        UsageError: The file cannot be opened.
    """
    stream, size = open_stream(path)
    first = np.empty(HEADER_SIZE, np.uint8)
    count, failure = _fill(stream, first)
    if failure is not None:
        stream.close()
        raise _read_error(Place(path, 0, 0), failure)
    head = first[:count].tobytes()
    compression = detect_compression(head)
    if compression is None:
        return Scan(path, stream, head, size)
    return Scan(path, DecompressedStream(stream, compression, head), b"", None)


def is_intact(path: str) -> bool:
    """Read the whole file, and return whether its compressed data match their own checksums."""
    with closing(open_scan(path)) as scan:
        while not scan.at_end:
            scan.skip(len(scan.tail), 0)
            scan.read_block()
        return scan.failure is None


def _scan_records(scan: Scan, verify: bool) -> Iterator[Records]:
    with closing(scan):
        while not scan.at_end:
            scan.read_block()
            records, state = scan.take_records(verify)
            if len(records):
                yield records
            if error := scan.find_error(state):
                raise error


def scan_file(path: str, verify: bool = True) -> Generator[Records]:
    """Read the records of a file, a block of 1 MB, or one long record, at a time.

    Args:
        path: The file.
        verify: Whether to verify the checksums of the data; else the caller must verify them.

    Raises:
        UsageError: The file cannot be opened or read.
        RecordError: The file is truncated, corrupt, or not a TFRecord file; the records before the place
            have been yielded.
    """
    yield from _scan_records(open_scan(path), verify)


def scan_open_file(path: str, file: FileIO, record: int, offset: int) -> Iterator[Records]:
    """Read the records of an open, uncompressed local file from a given record on, and close the file.

    Args:
        path: The file's name.
        file: The open file.
        record: The number of the first record to read.
        offset: The byte offset of that record.
    """
    file.seek(offset)
    scan = Scan(path, file, b"", os.fstat(file.fileno()).st_size)
    scan.skip(0, record)
    scan.offset = offset
    yield from _scan_records(scan, verify=False)


def holds_records(path: str) -> bool:
    """Whether a file, compressed or not, local or remote, is empty or starts with a record."""
    try:
        with closing(scan_file(path, verify=False)) as blocks:
            next(blocks, None)
    except HeadraceError:
        return False
    return True
