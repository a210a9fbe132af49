"""The footer of an ArrayRecord file, and its chunks by number.

Source: https://github.com/google/array_record, cpp/layout.proto. The last block of a file (64 KiB) holds the
offset of the footer; the footer lists the offset, the size and the number of records of each chunk.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import BinaryIO, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from headrace.errors import RecordError, UsageError
from headrace.records.array_record.chunks import (
    BLOCK_SIZE,
    Chunk,
    PackedChunk,
    decode_chunk,
    decode_together,
    decode_varints,
    strip_blocks,
    verify_chunk,
)
from headrace.storage import open_random_access

__all__ = ["ArrayRecordFile", "ChunkTable", "RecordBytes"]

_MAGIC = 0x71930E704FDAE05E
_VERSION = 1
_SPAN = 1 << 20  # bytes read at a time where chunks follow each other
_NOT_ARRAY_RECORD = "not an ArrayRecord file"
_HINT = "pass an ArrayRecord file; from_records reads TFRecord files"


class ChunkTable(NamedTuple):
    """The chunks of a file, by its footer.

    Attributes:
        offsets: The offsets of the chunks, and of the end of the last one, int64 [chunks + 1].
        first_rows: The first record of each chunk, and the number of records, int64 [chunks + 1].
        decoded_sizes: The sizes of the records of each chunk, int64 [chunks].
    """

    offsets: NDArray[np.int64]
    first_rows: NDArray[np.int64]
    decoded_sizes: NDArray[np.int64]


class RecordBytes(NamedTuple):
    """Records one after the other.

    Attributes:
        data: Their bytes.
        bounds: The boundaries of the records in `data`, int64 [records + 1].
    """

    data: NDArray[np.uint8]
    bounds: NDArray[np.int64]


def _join(chunks: Sequence[Chunk]) -> RecordBytes:
    data = chunks[0].data if len(chunks) == 1 else b"".join(map(memoryview, (each.data for each in chunks)))
    sizes = [0, *chain.from_iterable(each.sizes for each in chunks)]
    return RecordBytes(np.frombuffer(data, np.uint8), np.cumsum(sizes, dtype=np.int64))


class ArrayRecordFile:
    """An open ArrayRecord file. Several threads may read chunks of a local file.

    Args:
        path: The file, a local path or URL.

    Attributes:
        path: The file.
        chunks: Its chunks.

    Raises:
        UsageError: The file cannot be opened or read.
        RecordError: The file is truncated, corrupt, or not an ArrayRecord file.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._file: BinaryIO = open_random_access(path)
        self._descriptor = self._file.fileno() if hasattr(self._file, "raw") else None
        try:
            self.chunks = self._read_footer()
        except BaseException:
            self._file.close()
            raise

    @property
    def num_rows(self) -> int:
        """The number of records."""
        return int(self.chunks.first_rows[-1])

    def read_chunks(self, numbers: Sequence[int]) -> RecordBytes:
        """Read chunks by number.

        Raises:
            UsageError: The file cannot be read.
            RecordError: A chunk is corrupt, or has another number of records than the footer says.
        """
        offsets = self.chunks.offsets
        found: list[PackedChunk] = []
        for number in numbers:
            begin, end = int(offsets[number]), int(offsets[number + 1])
            found.append(self._verify(number, self._read(begin, end - begin)))
        return self._decode(found)

    def scan(self, first: int) -> Iterator[RecordBytes]:
        """Read all chunks from number `first` on, in order, about 1 MiB at a time."""
        offsets = self.chunks.offsets
        number, count = first, len(offsets) - 1
        while number < count:
            begin = int(offsets[number])
            last = int(np.searchsorted(offsets, begin + _SPAN, "right")) - 1
            last = min(max(last, number + 1), count)
            span = self._read(begin, int(offsets[last]) - begin)
            bounds = [bound - begin for bound in offsets[number : last + 1].tolist()]
            pairs = enumerate(pairwise(bounds), number)
            yield self._decode([self._verify(each, span[start:stop]) for each, (start, stop) in pairs])
            number = last

    def chunk_offset(self, record: int) -> int:
        """Return the offset of the chunk that holds a record."""
        number = np.searchsorted(self.chunks.first_rows, record, "right") - 1
        return int(self.chunks.offsets[number])

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _verify(self, number: int, data: bytes) -> PackedChunk:
        offset = int(self.chunks.offsets[number])
        chunk = verify_chunk(strip_blocks(data, offset), self.path, offset)
        expected = int(self.chunks.first_rows[number + 1] - self.chunks.first_rows[number])
        if chunk.records != expected:
            what = f"expected {expected:,} records, as the footer says, got {chunk.records:,}"
            raise self._error(what, offset)
        return chunk

    def _decode(self, chunks: Sequence[PackedChunk]) -> RecordBytes:
        together = decode_together(chunks)
        if together is None:
            return _join([decode_chunk(chunk, self.path) for chunk in chunks])
        return RecordBytes(np.frombuffer(together[0], np.uint8), together[1])

    def _read(self, offset: int, size: int) -> bytes:
        try:
            if self._descriptor is not None:
                data = self._pread(self._descriptor, size, offset)
            else:
                self._file.seek(offset)
                data = self._file.read(size)
        except (OSError, ValueError) as error:
            what = f"cannot be read ({error})"
            raise UsageError(what, path=self.path, offset=offset, hint="check the file") from error
        if len(data) < size:
            raise self._error(f"the file ends early: expected {size:,} bytes, got {len(data):,}", offset)
        return data

    @staticmethod
    def _pread(descriptor: int, size: int, offset: int) -> bytes:
        data = os.pread(descriptor, size, offset)
        while 0 < len(data) < size:
            more = os.pread(descriptor, size - len(data), offset + len(data))
            if not more:
                break
            data += more
        return data

    def _error(self, what: str, offset: int, hint: str = "copy or write the file again") -> RecordError:
        return RecordError(what, path=self.path, offset=offset, hint=hint)

    def _read_footer(self) -> ChunkTable:
        size = self._file.seek(0, os.SEEK_END)
        if size < 2 * BLOCK_SIZE or size % BLOCK_SIZE:
            what = f"{_NOT_ARRAY_RECORD}, or truncated: {size:,} bytes are not a multiple of 64 KiB"
            raise self._error(what, size, _HINT)
        last = size - BLOCK_SIZE
        footer_offset = self._read_postscript(last)
        if not 0 < footer_offset < last:
            raise self._error(f"expected the footer before byte {last:,}, got {footer_offset:,}", last)
        data = strip_blocks(self._read(footer_offset, last - footer_offset), footer_offset)
        footer = decode_chunk(verify_chunk(data, self.path, footer_offset), self.path)
        if not footer.sizes:
            raise self._error("the footer is empty", footer_offset)
        content = memoryview(footer.data)
        try:
            chunks, rows = _parse_metadata(content[: footer.sizes[0]].tobytes())
            table = _parse_chunks(content[footer.sizes[0] :], footer_offset)
        except ValueError as error:
            raise self._error(f"the footer is corrupt ({error})", footer_offset) from error
        if (len(table.decoded_sizes), int(table.first_rows[-1])) != (chunks, rows):
            what = (
                f"expected {chunks:,} chunks of {rows:,} records, as the footer says, got "
                f"{len(table.decoded_sizes):,} of {int(table.first_rows[-1]):,}"
            )
            raise self._error(what, footer_offset)
        return table

    def _read_postscript(self, offset: int) -> int:
        try:
            data = strip_blocks(self._read(offset, BLOCK_SIZE), offset)
            chunk = decode_chunk(verify_chunk(data, self.path, offset), self.path)
            fields = _parse_fields(memoryview(chunk.data)[: chunk.sizes[0]].tobytes())
        except (RecordError, ValueError, IndexError) as error:
            reason = error.what if isinstance(error, RecordError) else error
            raise self._error(f"{_NOT_ARRAY_RECORD}, or truncated ({reason})", offset, _HINT) from error
        if fields.get(2) != _MAGIC or 1 not in fields:
            raise self._error(f"{_NOT_ARRAY_RECORD}: the magic number is missing", offset, _HINT)
        return fields[1]


def _parse_fields(message: bytes) -> dict[int, int]:
    """Parse a message of numbers only: field number to value."""
    numbers = decode_varints(memoryview(message)).tolist()
    if len(numbers) % 2 or any(tag & 7 for tag in numbers[::2]):
        raise ValueError("a field is not a number")
    return {tag >> 3: value for tag, value in zip(numbers[::2], numbers[1::2], strict=True)}


def _parse_metadata(message: bytes) -> tuple[int, int]:
    """Parse `RiegeliFooterMetadata`: the number of chunks and of records."""
    if message[:1] != b"\x0a" or len(message) < 2:
        raise ValueError("the metadata are missing")
    size, start = message[1], 2
    if size > 0x7F:
        if len(message) < 3:
            raise ValueError("the metadata are truncated")
        size, start = (size & 0x7F) | message[2] << 7, 3
    inner = message[start : start + size]
    fields = _parse_numbers_before_string(inner)
    if fields.get(1) != _VERSION:
        raise ValueError(f"expected version {_VERSION}, got {fields.get(1)}")
    return fields.get(2, 0), fields.get(3, 0)


def _parse_numbers_before_string(message: bytes) -> dict[int, int]:
    """Parse the fields before `writer_options`, a string and the last field."""
    fields: dict[int, int] = {}
    at = 0
    while at < len(message) and message[at] != 0x22:
        end = at + 1
        while end < len(message) and message[end] > 0x7F:
            end += 1
        fields.update(_parse_fields(message[at : end + 1]))
        at = end + 1
    return fields


def _parse_chunks(data: memoryview, footer_offset: int) -> ChunkTable:
    """Parse the `ArrayRecordFooter` of each chunk; its three fields are always present, in order."""
    numbers = decode_varints(data)
    if len(numbers) % 6:
        raise ValueError("a field of a chunk is missing")
    table = numbers.reshape(-1, 6)
    if (table[:, ::2] != np.array([8, 16, 24], np.uint64)).any() or (table[:, 1::2] >> np.uint64(62)).any():
        raise ValueError("the fields of a chunk are not those of ArrayRecord")
    offsets, sizes, rows = table[:, 1::2].astype(np.int64).T
    bounds = np.append(offsets, footer_offset)
    if len(offsets) and (offsets[0] <= 0 or (np.diff(bounds) <= 0).any()):
        raise ValueError("the offsets of the chunks do not increase")
    if (rows > np.diff(bounds)).any() or (sizes >= 1 << 31).any():
        raise ValueError("a chunk claims more records than it has bytes, or more than 2 GiB")
    return ChunkTable(bounds, np.concatenate([[0], np.cumsum(rows)]).astype(np.int64), sizes)
