"""Read records of an uncompressed file in any order."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace import _native
from headrace._native import FrameState
from headrace.arguments import check_integer, check_integers
from headrace.errors import HeadraceError, UsageError
from headrace.file_errors import wrap_file_errors
from headrace.records.messages.batch_parser import BatchParser
from headrace.records.reading.find_schema import find_schema
from headrace.records.schema.sequence_example import RecordSchema
from headrace.records.tfrecord.framing import (
    COPY_AGAIN,
    FOOTER_SIZE,
    HEADER_SIZE,
    Place,
    Records,
    checksum_error,
)
from headrace.records.tfrecord.index import find_index
from headrace.records.tfrecord.selected import SelectedFrames, moved_error
from headrace.records.tfrecord.shards import manifest_path
from headrace.storage import (
    complete_commit,
    expand_home,
    file_size,
    local_path,
    open_filesystem,
)

__all__ = ["RecordFile"]


@dataclass(frozen=True)
class _SelectedRecords(Records):
    """Records from anywhere in the file."""

    rows: NDArray[np.int64]
    offsets: NDArray[np.int64]

    def place(self, row: int) -> Place:
        return Place(self.path, int(self.rows[row]), int(self.offsets[row]))


class RecordFile:
    """A sequence of the records of a file, each read and verified when it is requested.

    The index next to the file (see `write_index`) holds the places of records; without an index, the whole
    file is read once. Threads may share a `RecordFile`. Sent to another process, it opens the file again.

    Args:
        path: An uncompressed file, local or at a URL.

    Raises:
        UsageError: No such file, or a compressed file.
        SchemaError: The index does not match the file.
        RecordError: The file is corrupt and has no index.

    Example:
        >>> import pathlib, tempfile
        >>> from headrace.records import RecordFile, RecordWriter
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "raw.tfrecord"
        >>> with RecordWriter(path) as writer:
        ...     for word in (b"one", b"two", b"three"):
        ...         writer.write(word)
        >>> file = RecordFile(path)
        >>> len(file), file[1], file[-1]
        (3, b'two', b'three')
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = expand_home(path)
        complete_commit(manifest_path(self.path))
        self._index = find_index(self.path, file_size(self.path))
        with wrap_file_errors(self.path, "cannot be read", "check the path"):
            local = local_path(self.path)
            self._file = None if local is None else local.open("rb", buffering=0)

    def __len__(self) -> int:
        return len(self._index.offsets)

    def __getitem__(self, row: int) -> bytes:
        row = check_integer(row, "row", -(2**63))
        if not -len(self) <= row < len(self):
            raise IndexError(f"expected a record number below {len(self):,}, got {row:,}")
        (payload,) = self._records(np.array([row % len(self)], np.int64)).payloads()
        return payload

    def __iter__(self) -> Iterator[bytes]:
        return (self[row] for row in range(len(self)))

    def read(
        self, rows: Sequence[int] | NDArray[np.int64], schema: RecordSchema | None = None
    ) -> pa.RecordBatch:
        """Read the records of the given numbers, in that order, as one batch.

        Args:
            rows: Record numbers from 0, in any order; numbers may repeat. Neighbours are read together.
            schema: What to read; None: the schema file's, else an inferred schema, as for `records.read`.

        Raises:
            UsageError: A number is out of range, or the file cannot be read.
            SchemaError: A schema that cannot describe records.
            RecordError: A record is corrupt or does not match the schema.
        """
        selected = check_integers(rows, "rows")
        if len(selected) and not 0 <= selected.min() <= selected.max() < len(self):
            what = (
                f"expected record numbers below {len(self):,}, got {selected.min():,} to {selected.max():,}"
            )
            raise UsageError(what, path=self.path, hint="pass numbers of records in the file")
        parser = BatchParser(find_schema([self.path]) if schema is None else schema)
        if self._file is None:
            parser.append(self._records(selected))
        else:
            descriptors = np.full(len(selected), self._file.fileno(), np.int32)
            offsets, lengths = self._index.offsets[selected], self._index.lengths[selected]
            parser.reserve(len(selected), int(lengths.sum()))
            place = partial(self._place, selected)
            parser.append_selected(SelectedFrames(descriptors, offsets, lengths, place))
        return parser.finish()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[type[RecordFile], tuple[str]]:
        return RecordFile, (self.path,)

    def _place(self, rows: NDArray[np.int64], row: int) -> Place:
        return Place(self.path, int(rows[row]), int(self._index.offsets[rows[row]]))

    def _records(self, rows: NDArray[np.int64]) -> Records:
        offsets, lengths = self._index.offsets[rows], self._index.lengths[rows]
        data = self._read_frames(offsets, lengths)
        starts, found, end, state, claimed = _native.scan_frames(data)
        wanted = np.cumsum(lengths) - lengths + HEADER_SIZE
        same = (starts == wanted[: len(starts)]) & (
            found + HEADER_SIZE + FOOTER_SIZE == lengths[: len(starts)]
        )
        if len(starts) < len(rows) or end < len(data) or not same.all():
            bad = int(np.argmin(np.append(same, False)))
            is_own = bad == len(starts) and claimed + HEADER_SIZE + FOOTER_SIZE == lengths[bad]
            is_corrupt = is_own and state == FrameState.BAD_DATA_CHECKSUM
            raise _record_error(Place(self.path, int(rows[bad]), int(offsets[bad])), is_corrupt)
        return _SelectedRecords(self.path, 0, 0, data, starts, found, rows, offsets)

    def _read_frames(self, offsets: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Read frames to one buffer, end to end; frames that are neighbours in the file are read together."""
        is_first = np.append(True, offsets[1:] != offsets[:-1] + lengths[:-1])[: len(offsets)]
        firsts = np.flatnonzero(is_first)
        sizes = np.add.reduceat(lengths, firsts) if len(firsts) else firsts
        buffer = _native.allocate_bytes(int(lengths.sum()))
        with wrap_file_errors(self.path, "cannot be read", COPY_AGAIN):
            if self._file is not None:
                self._read_local(buffer, offsets[firsts].tolist(), sizes.tolist())
            else:
                self._read_remote(buffer, offsets[firsts].tolist(), sizes.tolist())
        return buffer

    def _read_local(self, buffer: NDArray[np.uint8], offsets: list[int], sizes: list[int]) -> None:
        assert self._file is not None
        number, at = self._file.fileno(), 0
        for offset, count in zip(offsets, sizes, strict=True):
            end = at + count
            while at < end:
                done = os.preadv(number, [buffer[at:end].data], offset + count - (end - at))
                if not done:
                    raise EOFError("the file has been truncated since it was opened")
                at += done

    def _read_remote(self, buffer: NDArray[np.uint8], offsets: list[int], sizes: list[int]) -> None:
        fs, name = open_filesystem(self.path)
        ends = [offset + count for offset, count in zip(offsets, sizes, strict=True)]
        data = b"".join(fs.cat_ranges([name] * len(offsets), offsets, ends, on_error="raise"))
        if len(data) != len(buffer):
            raise EOFError(f"expected {len(buffer):,} bytes from the server, got {len(data):,}")
        buffer[:] = np.frombuffer(data, np.uint8)


def _record_error(place: Place, is_corrupt: bool) -> HeadraceError:
    if is_corrupt:
        return checksum_error(place)
    return moved_error(place)
