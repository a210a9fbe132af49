"""Read the records of uncompressed local files by number, in any order."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace import _native
from headrace._native import FrameState
from headrace.parallel import available_cpus
from headrace.records.messages.batch_parser import BatchParser
from headrace.records.reading.chunked import can_read_chunked, read_chunked
from headrace.records.reading.chunks import CHUNK_SIZE, StartPosition
from headrace.records.reading.single_threaded import read_single_threaded
from headrace.records.schema.sequence_example import RecordSchema
from headrace.records.tfrecord.frame_table import FramePlaces, FrameTable
from headrace.records.tfrecord.framing import COPY_AGAIN, FOOTER_SIZE, HEADER_SIZE, Place, Records
from headrace.records.tfrecord.index import index_file
from headrace.records.tfrecord.open_files import FileStamp, OpenFile, OpenFiles
from headrace.records.tfrecord.selected import SelectedFrames, moved_error
from headrace.storage import local_path

__all__ = ["RecordIndex", "RecordRows"]

_FRAME = HEADER_SIZE + FOOTER_SIZE
_BATCH_ROWS = 4096  # of `scan`
_LOADED_SIZE = 64 << 20  # bytes: all files together, to be kept in memory
_SHARE_TO_LOAD = 8  # files are loaded once an eighth of their records has been taken


@dataclass(frozen=True)
class RecordIndex:
    """The places of all records of some files.

    Attributes:
        files: The local files.
        stamps: The stamp of each file when it was indexed.
        table: The places.
    """

    files: tuple[str, ...]
    stamps: tuple[FileStamp, ...]
    table: FrameTable

    @classmethod
    def build(cls, files: Sequence[str]) -> RecordIndex | None:
        """Index files, from the index files next to them or else from the headers of their records.

        Returns:
            The index; None unless all files are local and uncompressed.

        Raises:
            UsageError: A file cannot be read.
            SchemaError: An index file does not match its record file.
            RecordError: A file is truncated, or a header is corrupt.
        """
        paths = [local_path(file) for file in files]
        if not all(path is not None and path.is_file() for path in paths):
            return None
        stamps: list[FileStamp] = []
        bounds: list[NDArray[np.int64]] = []
        for path in map(str, paths):
            file = OpenFile(path)
            if not _is_uncompressed(file):
                return None
            bounds.append(index_file(path, file.descriptor, file.stamp.size))
            stamps.append(file.stamp)
        return cls(tuple(map(str, paths)), tuple(stamps), FrameTable.join(bounds))

    def place(self, row: int) -> Place:
        """Return the place of a record."""
        numbers = np.array([row])
        files, offsets, _ = self.table.find(numbers)
        return Place(self.files[files[0]], row - int(self.table.first_rows[files[0]]), int(offsets[0]))

    def start_position(self, row: int) -> tuple[int, StartPosition]:
        """Return the number of the file that holds a record, and the record's position in it."""
        (file,) = self.table.find_files(np.array([row]))
        first = int(self.table.first_rows[file])
        bounds = self.table.bounds[first + file : int(self.table.first_rows[file + 1]) + file]
        record = row - first
        offset = int(bounds[record])
        chunk_record = int(np.searchsorted(bounds, offset // CHUNK_SIZE * CHUNK_SIZE))
        return int(file), StartPosition(record, offset, chunk_record, int(bounds[chunk_record]))


class RecordRows:
    """The rows of record files, by number through all files; threads may share it.

    A record is verified when it is read. Files of at most 64 MB together are kept in memory once an eighth of
    their records has been taken; of others, each record is read from its file.

    Args:
        index: The places of the records.
        schema: What to read; features that it does not name are skipped.

    Attributes:
        num_rows: The number of records.
        row_bytes: The average size of a record in bytes.
        blocks: None: every record can be read by itself.
        in_memory: False: a record is verified and parsed when it is taken.
        schema: The schema of the batches.

    Raises:
        SchemaError: A schema that cannot describe records.
    """

    blocks: NDArray[np.int64] | None = None
    in_memory: bool = False

    def __init__(self, index: RecordIndex, schema: RecordSchema) -> None:
        self._index = index
        self._declared = schema
        self._parser = BatchParser(schema)
        self._files = OpenFiles(index.files, index.stamps)
        self._loading = Lock()  # never waited for, so that a process forked meanwhile does not wait for ever
        self._taken = 0
        self._loaded: _LoadedFiles | None = None
        self.schema: pa.Schema = self._parser.schema
        self.num_rows = index.table.num_rows
        self._size = int(index.table.sizes.sum())
        self.row_bytes = self._size / max(self.num_rows, 1)

    def __reduce__(self) -> tuple[type[RecordRows], tuple[RecordIndex, RecordSchema]]:
        return RecordRows, (self._index, self._declared)

    def take(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Read records as one batch, in the order of `rows`; neighbours are read together.

        Args:
            rows: Record numbers, int64 [n]; they may repeat.

        Raises:
            UsageError: A number is out of range, or a file cannot be read or has changed.
            RecordError: A record is corrupt or does not match the schema.
        """
        rows = np.asarray(rows, np.int64)
        places = self._index.table.find(rows)
        parser = self._parser.fresh()
        parser.reserve(len(rows), int(places.lengths.sum()))
        loaded = self._find_loaded(len(rows))
        if loaded is not None:
            parser.append(loaded.select(rows, places))
        else:
            self._append_from_files(parser, rows, places)
        return parser.finish()

    def scan(self, start: int = 0) -> Iterator[pa.RecordBatch]:
        """Read all records from number `start` on, in order.

        The batches are those of `records.read`; if one of them starts at `start`, the same ones follow.

        Raises:
            UsageError: A file cannot be opened or read.
            RecordError: A record is corrupt or does not match the schema; all batches before it have been
                yielded.
        """
        if start >= self.num_rows:
            return iter(())
        first, position = self._index.start_position(start)
        files = list(self._index.files[first:])
        threads = available_cpus()
        if threads > 1 and can_read_chunked(self.schema, files):
            return read_chunked(self._parser, files, _BATCH_ROWS, threads, position)
        return read_single_threaded(self._parser, files, _BATCH_ROWS, position)

    def _append_from_files(self, parser: BatchParser, rows: NDArray[np.int64], places: FramePlaces) -> None:
        numbers, which = np.unique(places.files, return_inverse=True)
        if len(numbers) > self._files.capacity and len(rows) > self._files.capacity:
            for at in range(0, len(rows), self._files.capacity):
                part = slice(at, at + self._files.capacity)
                self._append_from_files(parser, rows[part], FramePlaces(*(each[part] for each in places)))
            return
        files = self._files.open(numbers.tolist())
        descriptors = np.array([file.descriptor for file in files], np.int32)[which]
        parser.append_selected(
            SelectedFrames(
                descriptors, places.offsets, places.lengths, lambda row: self._index.place(int(rows[row]))
            )
        )

    def _find_loaded(self, rows: int) -> _LoadedFiles | None:
        """Count taken rows; load the files once that is worth it."""
        if self._loaded is not None or self._size > _LOADED_SIZE:
            return self._loaded
        self._taken += rows
        if self._taken * _SHARE_TO_LOAD < self.num_rows:
            return None
        if self._loading.acquire(blocking=False):  # others read from files meanwhile
            try:
                self._loaded = self._loaded or _LoadedFiles(self._index, self._files)
            finally:
                self._loading.release()
        return self._loaded


class _LoadedFiles:
    """All files in memory, one after the other."""

    def __init__(self, index: RecordIndex, files: OpenFiles) -> None:
        sizes = index.table.sizes
        self._index = index
        self._starts = np.cumsum(sizes) - sizes
        self._data = _native.allocate_bytes(int(sizes.sum()))
        for number, (start, size) in enumerate(zip(self._starts.tolist(), sizes.tolist(), strict=True)):
            (file,) = files.open([number])
            self._load(number, file, self._data[start : start + size])
        self._check_headers()

    def _load(self, number: int, file: OpenFile, to: NDArray[np.uint8]) -> None:
        done = 0
        while done < len(to):
            count = os.preadv(file.descriptor, [to[done:].data], done)
            if not count:
                place = Place(self._index.files[number], 0, None)
                raise place.error("the file has been truncated since it was opened", COPY_AGAIN)
            done += count

    def _check_headers(self) -> None:
        """Check that the headers claim the lengths in the index."""
        table = self._index.table
        rows = np.arange(table.num_rows)
        files, offsets, lengths = table.find(rows)
        at = self._starts[files] + offsets
        claimed = np.zeros(len(rows), np.int64)
        for byte in range(8):
            claimed |= self._data[at + byte].astype(np.int64) << 8 * byte
        wrong = np.flatnonzero(claimed != lengths - _FRAME)
        if len(wrong):
            raise moved_error(self._index.place(int(wrong[0])))

    def select(self, rows: NDArray[np.int64], places: FramePlaces) -> Records:
        """Return records, not verified yet."""
        starts = places.offsets + self._starts[places.files] + HEADER_SIZE
        lengths = places.lengths - _FRAME
        return _LoadedRecords(None, 0, 0, self._data, starts, lengths, rows, self._index, verified=False)


@dataclass(frozen=True)
class _LoadedRecords(Records):
    """Records in memory, in any order."""

    rows: NDArray[np.int64]
    index: RecordIndex

    def place(self, row: int) -> Place:
        return self.index.place(int(self.rows[row]))


def _is_uncompressed(file: OpenFile) -> bool:
    """Whether the file is empty, or begins with a record header."""
    state = _native.scan_frames(os.pread(file.descriptor, HEADER_SIZE, 0))[3]
    return state in (FrameState.COMPLETE, FrameState.PARTIAL)
