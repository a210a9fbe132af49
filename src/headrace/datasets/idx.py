"""The idx format: one array of unsigned bytes behind a header of its lengths.

Header, big-endian: two zero bytes, the type (0x08 is unsigned byte), the number of dimensions, and one 32-bit
length a dimension. Described at http://yann.lecun.com/exdb/mnist/ by Y. LeCun, C. Cortes and C. Burges.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from headrace.errors import RecordError, UsageError

__all__ = ["read_idx", "write_idx"]

_LIMIT = 1 << 30  # bytes of array data


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """The array of an idx file, uint8, gzip-compressed if the name ends with `.gz`.

    Args:
        path: The file.
        dimensions: How many the array must have.

    Raises:
        UsageError: The file cannot be opened.
        RecordError: It is no idx file of unsigned bytes of so many dimensions, announces more than 1 GiB, or
            is shorter or longer than it announces.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return _read(cast(BinaryIO, file), path, dimensions)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise _bad(path, f"damaged gzip data ({error})") from error
    except OSError as error:
        raise UsageError(f"cannot be opened ({error})", path=str(path), hint="check the path") from error


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write a uint8 array as gzip-compressed idx; the same array always gives the same bytes."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes(), 9, mtime=0))


def _read(file: BinaryIO, path: Path, dimensions: int) -> np.ndarray:
    head = file.read(4 + 4 * dimensions)
    if head[:4] != bytes([0, 0, 8, dimensions]) or len(head) < 4 + 4 * dimensions:
        raise _bad(
            path, f"no idx file of unsigned bytes in {dimensions} dimensions (starts with {head[:4]!r})"
        )
    shape = struct.unpack(f">{dimensions}I", head[4:])
    size = math.prod(shape)
    if size > _LIMIT:
        raise _bad(path, f"it announces {size:,} bytes, the limit is {_LIMIT:,}", offset=4)
    data = file.read(size + 1)
    if len(data) != size:
        least = "at least " if len(data) > size else ""
        raise _bad(path, f"it announces {size:,} bytes and has {least}{len(data):,}", offset=len(head))
    return np.frombuffer(data, np.uint8).reshape(shape)


def _bad(path: Path, what: str, offset: int | None = None) -> RecordError:
    return RecordError(what, path=str(path), offset=offset, hint="get the file anew")
