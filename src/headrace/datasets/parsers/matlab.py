"""Numeric arrays of MATLAB 5 files (.mat), without SciPy.

Specification: MathWorks, MAT-File Format, chapter 1, "Level 5 MAT-File Format". An element is a tag (type,
bytes) and its data; `miCOMPRESSED` elements are zlib streams that hold one element. Structures, cells, texts,
complex and sparse arrays are skipped; files of version 7.3 are HDF5, and are refused.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from headrace.datasets.parsers.byte_range import ByteRange, bad_file, open_spool
from headrace.errors import UsageError

__all__ = ["MATRIX", "MatlabArray", "open_matrices", "read_at", "read_matlab", "read_matrix", "read_tag"]

_HEADER = 128
MATRIX, _COMPRESSED = 14, 15
_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_NUMERIC_CLASSES = range(6, 16)  # mxDOUBLE_CLASS to mxUINT64_CLASS
_COMPLEX = 0x0800
_MOST_ELEMENTS = 1000
_MOST_HEAD = 4096  # bytes of a matrix before its numbers: flags, sizes, name
_LIMIT = 8 << 30  # bytes of an array
_STEP = 1 << 20


@dataclass(frozen=True)
class MatlabArray:
    """A numeric array, stored with its first dimension varying fastest.

    Attributes:
        shape: The dimensions.
        dtype: The type in which the numbers are stored, which may be smaller than MATLAB's.
        data: The bytes.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    data: ByteRange

    def load(self) -> NDArray[np.generic]:
        """Read the whole array."""
        return np.frombuffer(self.data.read(), self.dtype).reshape(self.shape, order="F")


def read_matlab(path: Path) -> dict[str, MatlabArray]:
    """Find the numeric arrays of a file by name; large ones are decompressed to a temporary file.

    Raises:
        UsageError: The file cannot be opened.
        RecordError: It is not a MATLAB 5 file, or is damaged.
    """
    arrays = (read_matrix(content, order) for content, order in open_matrices(path))
    return dict(array for array in arrays if array is not None)


def open_matrices(path: Path, whole: ByteRange | None = None) -> Iterator[tuple[ByteRange, str]]:
    """Yield the content of each matrix of a file, and "<" or ">", the order of its bytes.

    Args:
        path: The file, or the archive that it lies in.
        whole: The bytes of the file in the archive.

    Raises:
        UsageError: The file cannot be opened.
        RecordError: It is not a MATLAB 5 file, or is damaged.
    """
    whole = _open_file(path) if whole is None else whole
    head = whole.read(0, min(_HEADER, whole.size))
    if head[:10] == b"MATLAB 7.3":
        raise bad_file("this is a MATLAB 7.3 file, which is HDF5; expected version 5", whole.path)
    if len(head) < _HEADER or head[124:128] not in (b"\x00\x01IM", b"\x01\x00MI"):
        raise bad_file("not a MATLAB 5 file", whole.path)
    order = "<" if head[126:128] == b"IM" else ">"
    at = _HEADER
    for _ in range(_MOST_ELEMENTS):
        if at >= whole.size:
            return
        kind, start, size, end = read_tag(whole, at, order)
        content = ByteRange(whole.file, start, size, whole.path)
        if kind == _COMPRESSED:
            yield _decompress(content, path, order), order
        elif kind == MATRIX:
            yield content, order
        at = end
    raise bad_file(f"the file contains more than {_MOST_ELEMENTS:,} elements", whole.path)


def _open_file(path: Path) -> ByteRange:
    try:
        file = path.open("rb")
    except OSError as error:
        raise UsageError(f"cannot open the file ({error})", path=str(path), hint="check the path") from error
    return ByteRange(file, 0, path.stat().st_size, str(path))


def read_tag(content: ByteRange, at: int, order: str) -> tuple[int, int, int, int]:
    """Read a tag at a place of a range.

    Returns:
        The type, the place of the data in the file, their size, and the place in the range behind them.
    """
    if at + 8 > content.size:
        raise bad_file("the file ends inside a tag", content.path, content.offset + at)
    first, second = struct.unpack(f"{order}II", content.read(at, 8))
    if first >> 16:  # the small format: type and size share four bytes
        kind, size, start, end = first & 0xFFFF, first >> 16, at + 4, at + 8
        is_whole = size <= 4
    else:
        kind, size, start = first, second, at + 8
        padding = 0 if kind == _COMPRESSED else -size % 8
        end = start + size + padding
        is_whole = start + size <= content.size
    if not is_whole:
        raise bad_file(
            f"the file ends inside an element of {size:,} bytes", content.path, content.offset + at
        )
    return kind, content.offset + start, size, end


def _decompress(packed: ByteRange, path: Path, order: str) -> ByteRange:
    """Decompress an element: the content of the matrix in it."""
    spool = open_spool(path)
    inflater = zlib.decompressobj()
    size = at = 0
    try:
        while at < packed.size and not inflater.eof:
            data = packed.read(at, min(_STEP, packed.size - at))
            at += len(data)
            while data and size <= _LIMIT:
                block = inflater.decompress(data, _STEP)
                size += len(block)
                spool.write(block)
                data = inflater.unconsumed_tail
        if not inflater.eof:
            raise bad_file("damaged compressed data, or an array above 8 GiB", str(path), packed.offset)
    except zlib.error as error:
        raise bad_file(f"damaged compressed data ({error})", str(path), packed.offset) from error
    spool.flush()
    whole = ByteRange(spool, 0, size, str(path))
    kind, start, length, _ = read_tag(whole, 0, order)
    if kind != MATRIX:
        raise bad_file(f"expected a matrix, got an element of type {kind}", str(path), packed.offset)
    return ByteRange(spool, start, length, str(path))


def read_matrix(content: ByteRange, order: str) -> tuple[str, MatlabArray] | None:
    """Read the head of a matrix; None if its numbers are not real and dense."""
    kind, start, size, at = read_tag(content, 0, order)
    if kind != 6 or size != 8:
        raise bad_file("expected the flags of an array", content.path, content.offset)
    flags = struct.unpack(f"{order}I", read_at(content, start, 4))[0]
    if flags & 0xFF not in _NUMERIC_CLASSES or flags & _COMPLEX:
        return None
    kind, start, size, at = read_tag(content, at, order)
    if kind != 5 or size % 4 or size > 32 * 4:
        raise bad_file("expected the dimensions of an array", content.path, content.offset)
    shape: tuple[int, ...] = struct.unpack(f"{order}{size // 4}i", read_at(content, start, size))
    kind, start, size, at = read_tag(content, at, order)
    if kind != 1 or size > _MOST_HEAD:
        raise bad_file("expected the name of an array", content.path, content.offset)
    name = read_at(content, start, size).decode("latin-1")
    kind, start, size, _ = read_tag(content, at, order)
    if kind not in _TYPES:
        raise bad_file(f"unknown type {kind} of the array '{name}'", content.path, content.offset)
    dtype = np.dtype(order + _TYPES[kind])
    if min(shape) < 0 or math.prod(shape) * dtype.itemsize != size:
        what = f"expected {list(shape)} numbers of {dtype.itemsize} bytes in '{name}', got {size:,} bytes"
        raise bad_file(what, content.path, content.offset)
    return name, MatlabArray(shape, dtype, ByteRange(content.file, start, size, content.path))


def read_at(content: ByteRange, start: int, size: int) -> bytes:
    """Read bytes at a place of the file."""
    return content.read(start - content.offset, size)
