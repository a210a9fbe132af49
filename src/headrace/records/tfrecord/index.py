"""Indexes of record files: the text file FILE.idx, with one `offset length` pair per record and line.

The offset is that of the record's header, the length that of header, data and footer together, both decimal:
the format of DALI's `tfrecord2idx` and of the PyPI package `tfrecord`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace import _native
from headrace.errors import SchemaError, UsageError
from headrace.parallel import copy_to_arrow
from headrace.records.tfrecord.framing import FOOTER_SIZE, HEADER_SIZE, LARGEST_RECORD
from headrace.records.tfrecord.scan import open_scan, scan_file
from headrace.records.tfrecord.shards import Paths, resolve
from headrace.storage import AtomicFile, file_exists, read_bytes

__all__ = ["Index", "find_index", "index_file", "index_path", "write_index"]

_FRAME = HEADER_SIZE + FOOTER_SIZE
_WRITE_AGAIN = "write the index again with records.write_index, or delete it"


class Index(NamedTuple):
    """The byte offset and length of each record's frame, int64, in the order of the file."""

    offsets: NDArray[np.int64]
    lengths: NDArray[np.int64]


def index_path(path: str) -> str:
    """Build the name of the index file of a record file.

    >>> index_path("train-00000-of-00008.tfrecord")
    'train-00000-of-00008.tfrecord.idx'
    """
    return f"{path}.idx"


def _scan_index(path: str) -> Iterator[Index]:
    """Scan a file, verifying every checksum, and yield its index a block at a time."""
    with closing(open_scan(path)) as scan:
        if scan.is_compressed:
            hint = "write it again without compression"
            raise UsageError("compressed files do not support random access", path=path, hint=hint)
    for records in scan_file(path):
        yield Index(records.starts + (records.offset - HEADER_SIZE), records.lengths + _FRAME)


def write_index(paths: Paths) -> list[str]:
    """Write the index of each file to FILE.idx; this reads all records and verifies their checksums.

    Returns:
        The names of the index files.

    Raises:
        UsageError: No such file, a compressed file, or the index cannot be written.
        RecordError: A file is corrupt.
    """
    return [_write_index(path) for path in resolve(paths)]


def _write_index(path: str) -> str:
    with AtomicFile(index_path(path)) as file:
        for offsets, lengths in _scan_index(path):
            pairs = zip(offsets.tolist(), lengths.tolist(), strict=True)
            file.write("".join(f"{offset} {length}\n" for offset, length in pairs).encode())
    return index_path(path)


def _parse_index(path: str) -> Index:
    data = read_bytes(path)
    if not data:
        return Index(np.empty(0, np.int64), np.empty(0, np.int64))
    from pyarrow import csv  # loads with the first index

    names = ["offset", "length"]
    try:
        table = csv.read_csv(
            pa.BufferReader(copy_to_arrow(data)),
            csv.ReadOptions(column_names=names),
            csv.ParseOptions(delimiter=" "),
            csv.ConvertOptions(column_types=dict.fromkeys(names, pa.int64())),
        )
        if any(column.null_count for column in table.columns):
            raise ValueError("a number is missing")
        return Index(*(column.to_numpy() for column in table.columns))
    except (pa.ArrowInvalid, ValueError) as error:
        raise SchemaError(f"not an index file: {error}", path=path, hint=_WRITE_AGAIN) from error


def _check(index: Index, path: str, size: int | None) -> None:
    """Check that the frames of an index lie end to end from the file's first byte to its last."""
    offsets, lengths = index
    is_frame = (lengths >= _FRAME) & (lengths <= LARGEST_RECORD + _FRAME)
    end = int(lengths.sum()) if is_frame.all() else -1
    fits = end >= 0 and np.array_equal(offsets, np.cumsum(lengths) - lengths)
    if not fits or (size is not None and end != size):
        what = "does not match its record file, which may have been written later"
        raise SchemaError(what, path=path, hint=_WRITE_AGAIN)


def index_file(path: str, descriptor: int, size: int) -> NDArray[np.int64]:
    """Find where the records of an open, uncompressed local file lie, by its index file or by its headers.

    Args:
        path: The file's name.
        descriptor: The open file.
        size: Its size in bytes.

    Returns:
        Where each frame starts and the last one ends, int64 [records + 1].

    Raises:
        UsageError: The file cannot be read.
        SchemaError: The index file does not match the file.
        RecordError: The file is truncated, or a header is corrupt.
    """
    if file_exists(index_path(path)):
        index = _read_index(path, size)
        return np.append(index.offsets, size)
    bounds, is_complete = _native.index_frames(descriptor, size)
    if not is_complete:
        for _ in scan_file(path, verify=False):  # raises what is wrong
            pass
        raise UsageError("has changed while it was read", path=path, hint="try again")
    return bounds


def _read_index(path: str, size: int | None) -> Index:
    index = _parse_index(index_path(path))
    _check(index, index_path(path), size)
    return index


def find_index(path: str, size: int | None) -> Index:
    """Read the index of a record file of `size` bytes; without an index file, scan the record file.

    Raises:
        UsageError: The file cannot be read, or is compressed.
        SchemaError: The index does not match the file.
        RecordError: The file is corrupt and has no index.
    """
    if file_exists(index_path(path)):
        return _read_index(path, size)
    parts = list(_scan_index(path))
    empty = np.empty(0, np.int64)
    offsets, lengths = (np.concatenate([empty, *(part[column] for part in parts)]) for column in (0, 1))
    return Index(offsets, lengths)
