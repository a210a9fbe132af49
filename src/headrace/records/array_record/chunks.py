"""Riegeli chunks: blocks, headers, checksums, compression.

Simple chunks are decoded; transposed ones, whose encoding is not specified, are not.
Source: "Riegeli/records file format specification", https://github.com/google/riegeli, folder doc.
"""

from __future__ import annotations

import struct
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
    "decode_chunk",
    "decode_varints",
    "parse_header",
    "strip_blocks",
]

BLOCK_SIZE = 1 << 16
HEADER_SIZE = 40
_BLOCK_HEADER = 24  # bytes at the start of every block
_KEY = np.frombuffer(b"Riegeli/records\n" * 2, np.uint64)
_HEADER = struct.Struct("<QQQBB6sQ")  # the number of records takes seven bytes
_SIMPLE, _TRANSPOSED = ord("r"), ord("t")
_CODECS = {ord("b"): pa.Codec("brotli"), ord("z"): pa.Codec("zstd"), ord("s"): pa.Codec("snappy")}
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


def decode_chunk(data: bytes, path: str, offset: int) -> Chunk:
    """Verify and decode a simple chunk.

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
    return _decode_simple(content, header, path, offset)


def _decode_simple(content: memoryview, header: ChunkHeader, path: str, offset: int) -> Chunk:
    try:
        codec = content[0]
        sizes_size, start = _read_varint(content, 1)
        sizes = _decompress(codec, content[start : start + sizes_size], 10 * header.records)
        values = _decompress(codec, content[start + sizes_size :], header.decoded_size)
        numbers = _read_numbers(memoryview(sizes).cast("B"))
    except (ValueError, IndexError, OSError, pa.ArrowException) as error:
        raise _error(path, offset, f"the data of the chunk are corrupt ({error})") from error
    if len(numbers) != header.records or max(numbers, default=0) > _LARGEST:
        what = f"expected the sizes of {header.records:,} records, got {len(numbers):,}"
        raise _error(path, offset, what)
    if not sum(numbers) == header.decoded_size == len(values):
        what = f"expected {header.decoded_size:,} bytes of records, got {len(values):,}"
        raise _error(path, offset, what)
    return Chunk(values, numbers)


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


def decode_varints(data: memoryview | pa.Buffer) -> NDArray[np.uint64]:
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
