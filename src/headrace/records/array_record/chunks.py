"""Riegeli chunks: blocks, headers, checksums, compression.

Simple chunks are decoded; transposed ones, whose encoding is not specified, are not.
Source: "Riegeli/records file format specification", https://github.com/google/riegeli, folder doc.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace import _native
from headrace.errors import RecordError

__all__ = [
    "BLOCK_SIZE",
    "Chunk",
    "ChunkHeader",
    "PackedChunk",
    "decode_chunk",
    "decode_together",
    "decode_varints",
    "parse_header",
    "strip_blocks",
    "verify_chunk",
]

BLOCK_SIZE = 1 << 16
HEADER_SIZE = 40
_BLOCK_HEADER = 24  # bytes at the start of every block
_KEY = np.frombuffer(b"Riegeli/records\n" * 2, np.uint64)
_HEADER = struct.Struct("<QQQBB6sQ")  # the number of records takes seven bytes
_SIMPLE, _TRANSPOSED = ord("r"), ord("t")
_ZSTD = ord("z")
_MOST_TOGETHER = 64 << 20  # bytes of records
_CODECS = {ord("b"): pa.Codec("brotli"), _ZSTD: pa.Codec("zstd"), ord("s"): pa.Codec("snappy")}
_LARGEST = (1 << 31) - 1  # bytes of the records of a chunk
_FEW = 16  # bytes
_COPY_AGAIN = "copy or write the file again"


class ChunkHeader(NamedTuple):
    """What the header of a chunk says.

    Attributes:
        data_size: The size of the encoded data in bytes.
        data_hash: Their checksum.
        kind: The kind of the chunk, a letter.
        records: The number of records.
        decoded_size: Their size in bytes.
    """

    data_size: int
    data_hash: int
    kind: int
    records: int
    decoded_size: int


class PackedChunk(NamedTuple):
    """A verified chunk of records before decompression.

    Attributes:
        offset: The offset of the chunk in its file.
        codec: The compression, a letter; 0 for none.
        sizes: The compressed sizes of the records.
        values: The compressed records.
        records: The number of records.
        decoded_size: Their size in bytes.
    """

    offset: int
    codec: int
    sizes: memoryview
    values: memoryview
    records: int
    decoded_size: int


class Chunk(NamedTuple):
    """The records of a chunk.

    Attributes:
        data: The bytes of all records, one after the other.
        sizes: The sizes of the records.
    """

    data: memoryview | pa.Buffer
    sizes: list[int]


def _error(path: str, offset: int, what: str, hint: str = _COPY_AGAIN) -> RecordError:
    return RecordError(what, path=path, offset=offset, hint=hint)


def strip_blocks(data: bytes, offset: int) -> bytes:
    """Remove the headers of blocks from the bytes of a file that start at `offset`."""
    first = -offset % BLOCK_SIZE
    if first >= len(data):
        return data
    parts = [data[:first]]
    parts += [data[at + _BLOCK_HEADER : at + BLOCK_SIZE] for at in range(first, len(data), BLOCK_SIZE)]
    return b"".join(parts)


def parse_header(data: bytes, path: str, offset: int) -> ChunkHeader:
    """Parse the header of a chunk, and verify its checksum.

    Args:
        data: The bytes of the chunk, without block headers.
        path: The file, for error messages.
        offset: The offset of the chunk in it.

    Raises:
        RecordError: The header is truncated or corrupt, or claims more than 2 GiB.
    """
    if len(data) < HEADER_SIZE:
        raise _error(path, offset, f"expected a chunk header of {HEADER_SIZE} bytes, got {len(data)}")
    checksum, size, data_hash, kind, low, high, decoded = _HEADER.unpack_from(data)
    if _native.highway_hash(data[8:HEADER_SIZE], _KEY) != checksum:
        raise _error(path, offset, "the header of the chunk does not match its checksum")
    if size > _LARGEST or decoded > _LARGEST:
        raise _error(path, offset, f"expected a chunk of at most 2 GiB, got {max(size, decoded):,} bytes")
    return ChunkHeader(size, data_hash, kind, low | int.from_bytes(high, "little") << 8, decoded)


def verify_chunk(data: bytes, path: str, offset: int) -> PackedChunk:
    """Verify the checksums of a simple chunk.

    Args:
        data: The bytes of the chunk, without block headers; what follows the chunk is ignored.
        path: The file, for error messages.
        offset: The offset of the chunk in it.

    Raises:
        RecordError: The chunk is truncated, corrupt, transposed, or not one of records.
    """
    header = parse_header(data, path, offset)
    content = memoryview(data)[HEADER_SIZE : HEADER_SIZE + header.data_size]
    if len(content) < header.data_size:
        what = f"the file ends inside this chunk: expected {header.data_size:,} bytes, got {len(content):,}"
        raise _error(path, offset, what)
    if _native.highway_hash(content, _KEY) != header.data_hash:
        raise _error(path, offset, "the data of the chunk do not match their checksum")
    if header.kind == _TRANSPOSED:
        hint = "write the file again, without the option `transpose`"
        raise _error(path, offset, "transposed chunks are not supported", hint)
    if header.kind != _SIMPLE:
        raise _error(path, offset, f"expected a chunk of records, got one of kind {chr(header.kind)!r}")
    try:
        codec = content[0]
        sizes_size, start = _read_varint(content, 1)
    except (ValueError, IndexError) as error:
        raise _error(path, offset, f"the data of the chunk are corrupt ({error})") from error
    stop = start + sizes_size
    return PackedChunk(
        offset, codec, content[start:stop], content[stop:], header.records, header.decoded_size
    )


def decode_chunk(packed: PackedChunk, path: str) -> Chunk:
    """Decompress a chunk.

    Raises:
        RecordError: The chunk is corrupt.
    """
    try:
        sizes = _decompress(packed.codec, packed.sizes, 10 * packed.records)
        values = _decompress(packed.codec, packed.values, packed.decoded_size)
        numbers = _read_numbers(memoryview(sizes).cast("B"))
    except (ValueError, IndexError, OSError, pa.ArrowException) as error:
        raise _error(path, packed.offset, f"the data of the chunk are corrupt ({error})") from error
    if len(numbers) != packed.records or max(numbers, default=0) > _LARGEST:
        what = f"expected the sizes of {packed.records:,} records, got {len(numbers):,}"
        raise _error(path, packed.offset, what)
    if not sum(numbers) == packed.decoded_size == len(values):
        what = f"expected {packed.decoded_size:,} bytes of records, got {len(values):,}"
        raise _error(path, packed.offset, what)
    return Chunk(values, numbers)


def decode_together(chunks: Sequence[PackedChunk]) -> tuple[bytes | pa.Buffer, NDArray[np.int64]] | None:
    """Decode several chunks, uncompressed or of Zstandard, by one call each for sizes and records.

    Returns:
        The bytes of all records, and their boundaries, int64 [records + 1]. None if the chunks have another
        compression, or one of them is corrupt: decode them one by one.
    """
    records = np.array([chunk.records for chunk in chunks])
    decoded = np.array([chunk.decoded_size for chunk in chunks])
    codecs = {chunk.codec for chunk in chunks}
    if codecs not in ({0}, {_ZSTD}) or decoded.sum() > _MOST_TOGETHER:
        return None
    unpack = _decompress_frames if codecs == {_ZSTD} else _join_frames
    try:
        sizes = unpack([chunk.sizes for chunk in chunks], (10 * records).tolist())
        values = unpack([chunk.values for chunk in chunks], decoded.tolist())
        numbers = decode_varints(sizes)
    except (ValueError, IndexError, OSError, pa.ArrowException):
        return None
    if len(numbers) != records.sum() or (numbers > _LARGEST).any():
        return None
    bounds = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum(numbers, out=bounds[1:])
    is_whole = len(values) == bounds[-1] and (bounds[np.cumsum(records)] == np.cumsum(decoded)).all()
    return (values, bounds) if is_whole else None


def _join_frames(frames: Sequence[memoryview], _limits: Sequence[int]) -> bytes:
    return b"".join(frames)


def _decompress_frames(frames: Sequence[memoryview], limits: Sequence[int]) -> pa.Buffer:
    """Decompress frames of Zstandard, which may follow each other, in one go."""
    total, parts = 0, list[memoryview]()
    for frame, limit in zip(frames, limits, strict=True):
        size, start = _read_varint(frame, 0)
        if size > limit:
            raise ValueError(f"expected at most {limit:,} bytes, got {size:,}")
        total += size
        parts.append(frame[start:])
    return _CODECS[_ZSTD].decompress(b"".join(parts), total)


def _read_numbers(data: memoryview) -> list[int]:
    """Decode numbers, few of them without NumPy, which is slow at that."""
    if len(data) > _FEW:
        return decode_varints(data).tolist()
    numbers: list[int] = []
    at = 0
    while at < len(data):
        value, at = _read_varint(data, at)
        numbers.append(value)
    return numbers


def _read_varint(data: memoryview, at: int) -> tuple[int, int]:
    """Read a number and the index behind it."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number has more than ten bytes")


def _decompress(codec: int, data: memoryview, limit: int) -> memoryview | pa.Buffer:
    if not codec:
        return data
    if codec not in _CODECS:
        raise ValueError(f"expected compression by Brotli, Zstandard or Snappy, got {chr(codec)!r}")
    size, start = _read_varint(data, 0)
    if size > limit:
        raise ValueError(f"expected at most {limit:,} bytes, got {size:,}")
    if codec == ord("s") and _read_varint(data, start)[0] != size:
        raise ValueError("two sizes differ")  # of Snappy's data: Arrow would leave the rest uninitialized
    if codec == ord("b"):  # a stream, since Arrow's codec does not say how much it decoded
        with pa.CompressedInputStream(pa.BufferReader(data[start:]), "brotli") as stream:
            decoded = stream.read_buffer(size + 1)
        if decoded.size != size:
            raise ValueError(f"expected {size:,} bytes, got {decoded.size:,}")
        return decoded
    return _CODECS[codec].decompress(data[start:], size)


def decode_varints(data: bytes | memoryview | pa.Buffer) -> NDArray[np.uint64]:
    """Decode base-128 numbers, one after the other.

    Raises:
        ValueError: The last number is truncated, or one has more than ten bytes.
    """
    bytes_ = np.frombuffer(data, np.uint8)
    if not len(bytes_):
        return np.zeros(0, np.uint64)
    ends = np.flatnonzero(bytes_ < 0x80)
    if not len(ends) or ends[-1] != len(bytes_) - 1:
        raise ValueError("the last number is truncated")
    starts = np.concatenate([[0], ends[:-1] + 1])
    place = np.arange(len(bytes_)) - np.repeat(starts, ends + 1 - starts)
    if place.max() > 9:
        raise ValueError("a number has more than ten bytes")
    return np.add.reduceat((bytes_ & 0x7F).astype(np.uint64) << (7 * place).astype(np.uint64), starts)
