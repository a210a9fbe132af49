"""The idx format: an array of unsigned bytes after a header with its shape.

Header, big-endian: two zero bytes, the type (0x08 is unsigned byte), the number of dimensions, and one 32-bit
length per dimension. Specification: http://yann.lecun.com/exdb/mnist/ by Y. LeCun, C. Cortes and C. Burges.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from headrace.errors import RecordError, UsageError
from headrace.storage import write_bytes

__all__ = ["parse_idx", "read_idx", "write_idx"]

_LIMIT = 1 << 30  # bytes of array data


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """Read the uint8 array of an idx file, gzip-compressed if its name ends in `.gz`.

    Args:
        path: The file.
        dimensions: The expected number of dimensions.

    Raises:
        UsageError: The file cannot be opened.
        RecordError: The file is not an idx file of unsigned bytes with `dimensions` dimensions, its header
            announces more than 1 GiB, or its data is shorter or longer than announced.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return _read(cast(BinaryIO, file), path, dimensions)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise _bad_file(path, f"damaged gzip data ({error})") from error
    except OSError as error:
        raise UsageError(f"cannot open the file ({error})", path=str(path), hint="check the path") from error


def parse_idx(data: bytes, path: str, dimensions: int) -> np.ndarray:
    """Read the uint8 array of the bytes of a gzip-compressed idx file; `path` is for messages.

    Raises:
        RecordError: As for `read_idx`.
    """
    try:
        with gzip.open(BytesIO(data)) as file:
            return _read(cast(BinaryIO, file), Path(path), dimensions)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise _bad_file(Path(path), f"damaged gzip data ({error})") from error


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write a uint8 array as a gzip-compressed idx file; equal arrays are written as equal bytes."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    write_bytes(path, gzip.compress(header + array.tobytes(), 9, mtime=0))


def _read(file: BinaryIO, path: Path, dimensions: int) -> np.ndarray:
    head = file.read(4 + 4 * dimensions)
    if head[:4] != bytes([0, 0, 8, dimensions]) or len(head) < 4 + 4 * dimensions:
        what = (
            f"expected an idx file of unsigned bytes in {dimensions} dimensions, got the header {head[:4]!r}"
        )
        raise _bad_file(path, what)
    shape = struct.unpack(f">{dimensions}I", head[4:])
    size = math.prod(shape)
    if size > _LIMIT:
        raise _bad_file(path, f"the header announces {size:,} bytes, the limit is {_LIMIT:,}", offset=4)
    data = file.read(size + 1)
    if len(data) != size:
        more = "at least " if len(data) > size else ""
        raise _bad_file(path, f"expected {size:,} bytes of data, got {more}{len(data):,}", offset=len(head))
    return np.frombuffer(data, np.uint8).reshape(shape)


def _bad_file(path: Path, what: str, offset: int | None = None) -> RecordError:
    return RecordError(what, path=str(path), offset=offset, hint="download the file again")
