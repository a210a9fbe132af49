"""Read the records of uncompressed local files by number, in any order."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
from headrace.records.tfrecord.framing import HEADER_SIZE, Place
from headrace.records.tfrecord.index import index_file
from headrace.records.tfrecord.open_files import FileStamp, OpenFile, OpenFiles
from headrace.records.tfrecord.selected import SelectedFrames
from headrace.storage import local_path

__all__ = ["RecordIndex", "RecordRows"]

_BATCH_ROWS = 4096  # of `scan`
_PLACED_ROWS = 1 << 14  # whose places are looked up at a time


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

    A record is read and verified when it is taken.

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
        self.schema: pa.Schema = self._parser.schema
        self.num_rows = index.table.num_rows
        self.row_bytes = float(index.table.sizes.sum()) / max(self.num_rows, 1)

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
        parser = self._parser.fresh()
        for start in range(0, len(rows), _PLACED_ROWS):
            part = rows[start : start + _PLACED_ROWS]
            places = self._index.table.find(part)
            if not start:
                parser.reserve(len(rows), int(places.lengths.sum() * len(rows) / len(part)))
            self._append(parser, part, places)
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

    def _append(self, parser: BatchParser, rows: NDArray[np.int64], places: FramePlaces) -> None:
        numbers = np.flatnonzero(np.bincount(places.files))
        if len(numbers) > self._files.capacity and len(rows) > self._files.capacity:
            for at in range(0, len(rows), self._files.capacity):
                part = slice(at, at + self._files.capacity)
                self._append(parser, rows[part], FramePlaces(*(each[part] for each in places)))
            return
        files = self._files.open(numbers.tolist())
        opened = np.zeros(len(self._index.files), np.int32)
        opened[numbers] = [file.descriptor for file in files]
        descriptors = opened[places.files]
        parser.append_selected(
            SelectedFrames(
                descriptors, places.offsets, places.lengths, lambda row: self._index.place(int(rows[row]))
            )
        )


def _is_uncompressed(file: OpenFile) -> bool:
    """Whether the file is empty, or begins with a record header."""
    state = _native.scan_frames(os.pread(file.descriptor, HEADER_SIZE, 0))[3]
    return state in (FrameState.COMPLETE, FrameState.PARTIAL)
