"""Read samples of local tar archives by number."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.data.sources.archives.sample_batch import SampleBatch, SamplePlace
from headrace.data.sources.archives.samples import KEY, read_samples
from headrace.data.sources.archives.tar_members import TarMember, TarReader
from headrace.errors import UsageError
from headrace.records.tfrecord import FileStamp, OpenFile, OpenFiles
from headrace.storage import local_path

__all__ = ["TarIndex", "TarRows"]


@dataclass(frozen=True)
class TarIndex:
    """The places of the files of all samples of some archives.

    Attributes:
        paths: The archives, local.
        stamps: The stamp of each archive when it was indexed.
        columns: The names of the columns, without `__key__`.
        keys: The keys, strings [samples].
        archives: The number of each sample's archive, int32 [samples].
        headers: The offset of each sample's first header, int64 [samples].
        offsets: The offsets of the files' contents, int64 [samples, columns].
        sizes: The sizes of the files, int64 [samples, columns]; -1 for a missing file.
    """

    paths: tuple[str, ...]
    stamps: tuple[FileStamp, ...]
    columns: tuple[str, ...]
    keys: pa.StringArray
    archives: NDArray[np.int32]
    headers: NDArray[np.int64]
    offsets: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @classmethod
    def build(cls, paths: Sequence[str], columns: Sequence[str]) -> TarIndex:
        """Index archives by reading the headers of their members.

        Raises:
            UsageError: An archive cannot be read.
            RecordError: An archive is truncated or corrupt.
        """
        keys: list[str] = []
        archives: list[int] = []
        headers: list[int] = []
        places: list[tuple[int, int]] = []
        wanted = frozenset(columns)
        for number, path in enumerate(paths):
            with TarReader(path) as archive:
                for sample in read_samples(archive, _place, wanted):
                    keys.append(sample.key)
                    archives.append(number)
                    headers.append(sample.header)
                    places += [sample.files.get(column, (0, -1)) for column in columns]
        table = np.array(places, np.int64).reshape(len(keys), len(columns), 2)
        locals_ = tuple(str(local_path(path)) for path in paths)
        return cls(
            locals_,
            tuple(OpenFile(path).stamp for path in locals_),
            tuple(columns),
            pa.array(keys, pa.string()),
            np.array(archives, np.int32),
            np.array(headers, np.int64),
            np.ascontiguousarray(table[:, :, 0]),
            np.ascontiguousarray(table[:, :, 1]),
        )


class TarRows:
    """The samples of local archives by number; see `RowReader`.

    Args:
        index: Their places.
        schema: The columns: `__key__`, and extensions.
    """

    blocks: NDArray[np.int64] | None = None
    in_memory: bool = False

    def __init__(self, index: TarIndex, schema: pa.Schema) -> None:
        self._index = index
        self._schema = schema
        places = {name: place for place, name in enumerate(index.columns)}
        self._columns = [places[name] for name in schema.names if name != KEY]
        self._open = OpenFiles(index.paths, index.stamps)

    def __reduce__(self) -> tuple[type[TarRows], tuple[TarIndex, pa.Schema]]:
        return TarRows, (self._index, self._schema)

    @property
    def num_rows(self) -> int:
        """The number of samples."""
        return len(self._index.keys)

    @property
    def row_bytes(self) -> float:
        """The average size of a sample."""
        return float(np.maximum(self._index.sizes, 0).sum()) / max(self.num_rows, 1)

    def take(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Read the files of samples, in this order.

        Raises:
            UsageError: An archive cannot be read, or has changed since it was indexed.
            SchemaError: A file does not match the type of its column.
        """
        batch = SampleBatch(self._schema)
        rows = np.asarray(rows, np.int64)
        keys = self._index.keys.take(pa.array(rows)).to_pylist()
        for row, key in zip(rows.tolist(), keys, strict=True):
            batch.append(key, self._place(row), self._read(row))
        return batch.take()

    def scan(self, start: int) -> Iterator[pa.RecordBatch]:
        """Read the samples from number `start` on, in order."""
        batch = SampleBatch(self._schema)
        for row in range(start, self.num_rows):
            batch.append(self._index.keys[row].as_py(), self._place(row), self._read(row))
            if batch.is_full:
                yield batch.take()
        if len(batch):
            yield batch.take()

    def _place(self, row: int) -> SamplePlace:
        return SamplePlace(self._index.paths[self._index.archives[row]], int(self._index.headers[row]))

    def _read(self, row: int) -> list[bytes | None]:
        (file,) = self._open.open([int(self._index.archives[row])])
        offsets, sizes = self._index.offsets[row].tolist(), self._index.sizes[row].tolist()
        return [
            None if sizes[column] < 0 else self._read_file(file, row, offsets[column], sizes[column])
            for column in self._columns
        ]

    def _read_file(self, file: OpenFile, row: int, offset: int, size: int) -> bytes:
        path = self._place(row).path
        try:
            data = os.pread(file.descriptor, size, offset)
        except OSError as error:
            what = f"cannot be read: {error.strerror}"
            raise UsageError(what, path=path, offset=offset, hint="check the archive") from error
        if len(data) < size:
            what = f"expected {size:,} bytes, got {len(data):,}: the archive has changed since it was indexed"
            raise UsageError(what, path=path, offset=offset, hint="open the data again")
        return data


def _place(member: TarMember) -> tuple[int, int]:
    return member.offset, member.size
