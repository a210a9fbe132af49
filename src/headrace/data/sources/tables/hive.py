"""Read Parquet files in folders named `column=value`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.cached_property import cached_property
from headrace.data.fingerprint import files_cache_key, files_fingerprint
from headrace.data.sources.files.select_columns import as_tuple, select_columns
from headrace.data.sources.find_files import find_files
from headrace.data.sources.parquet import ParquetSource
from headrace.data.sources.parquet_files.rows import ParquetRows
from headrace.data.sources.tables.partitions import Partitions, find_parquet_files
from headrace.errors import SchemaError
from headrace.storage import expand_home

__all__ = ["HiveParquetSource", "HiveRows"]


@dataclass(frozen=True)
class HiveParquetSource:
    """The Parquet files of a folder and its subfolders, with the columns that folders name.

    The rows of `year=2024/country=NO/0.parquet` have the columns of the file and, behind them, `year` and
    `country`. Such a column is int64 if all of its values are integers without leading zeros, else string;
    `__HIVE_DEFAULT_PARTITION__` is null. Hidden files and folders (`.`, `_`) are skipped.

    Attributes:
        files: The files, in reading order.
        partitions: The values of the folders of each file.
        columns: The columns to read; None is all.
        common: The schema of the source that this is a part of; None finds it in the files.
    """

    reopens_files: ClassVar[bool] = True

    files: tuple[str, ...]
    partitions: Partitions
    columns: tuple[str, ...] | None = None
    common: pa.Schema | None = None

    @classmethod
    def from_folder(cls, folder: str, columns: Sequence[str] | None = None) -> HiveParquetSource:
        """Create a source from a folder, local or at a URL.

        Raises:
            UsageError: The folder does not exist, or holds no Parquet file.
            SchemaError: Files lie in folders of different columns.
        """
        files = find_files(find_parquet_files(folder), r"\.(parquet|pq)", is_all=True)
        return cls(files, Partitions.from_paths(files, expand_home(folder)), as_tuple(columns))

    @cached_property
    def schema(self) -> pa.Schema:
        """The chosen columns of the files, and those of the folders.

        Raises:
            SchemaError: A file is not Parquet or differs from the first, a column is both in the files and
                in folder names, or a chosen column is missing.
        """
        if self.common is not None:
            return select_columns(self.common, self.columns, self.files[0])
        folders = {field.name for field in self.partitions.fields}
        first = ParquetSource(self.files[:1]).schema
        both = [name for name in first.names if name in folders]
        if both:
            what = "the column is in the file and in the name of its folder"
            hint = "rename the folders, or pass the files as a list"
            raise SchemaError(what, path=self.files[0], feature=both[0], hint=hint)
        chosen = select_columns(pa.schema([*first, *self.partitions.fields]), self.columns, self.files[0])
        names = tuple(name for name in chosen.names if name not in folders)
        stored = ParquetSource(self.files, names if self.columns else None).schema if names else []
        whole = pa.schema([*stored, *self.partitions.fields])
        return pa.schema(list(select_columns(whole, self.columns, self.files[0])))

    @property
    def num_rows(self) -> int:
        """The number of rows, from the footers of the files."""
        return self._stored.num_rows

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read the rows in order; the boundaries of batches depend on each file alone."""
        for number, file in enumerate(self.files):
            for batch in replace(self._stored, files=(file,)).read():
                yield self.add_folders(batch, np.full(batch.num_rows, number, np.int64))

    def open_rows(self) -> HiveRows:
        """Open the rows by number; they are read a row group at a time."""
        return self._rows

    @cached_property
    def _rows(self) -> HiveRows:
        rows = [replace(self._stored, files=(file,)).num_rows for file in self.files]
        starts = np.cumsum([0, *rows], dtype=np.int64)
        return HiveRows(self._stored.open_rows(), starts, self)

    def select_columns(self, columns: Sequence[str]) -> HiveParquetSource:
        """Return a source of these columns; see `Selectable`."""
        return replace(self, columns=tuple(columns))

    def divide(self) -> list[HiveParquetSource]:
        """Divide into one source per file, all with the schema of the whole."""
        names = tuple(self.schema.names)
        return [
            HiveParquetSource(
                (file,),
                self.partitions._replace(
                    values=tuple(values.slice(number, 1) for values in self.partitions.values)
                ),
                names,
                self.schema,
            )
            for number, file in enumerate(self.files)
        ]

    @property
    def fingerprint(self) -> str:
        """A digest of the contents of all files and of their folders' values; see `files_fingerprint`."""
        return files_fingerprint(self.files, *self._how)

    @property
    def cache_key(self) -> str:
        """A digest that changes whenever the files may have changed; see `files_cache_key`."""
        return files_cache_key(self.files, *self._how)

    @property
    def _how(self) -> tuple[str, ...]:
        values = [repr(values.to_pylist()) for values in self.partitions.values]
        return ("hive", *values, *(self.columns or self.schema.names))

    @cached_property
    def _stored(self) -> ParquetSource:
        """The files, with the chosen columns that they hold, or one if none is chosen."""
        folders = {field.name for field in self.partitions.fields}
        stored = pa.schema([field for field in self.schema if field.name not in folders])
        if stored.names:
            return ParquetSource(self.files, tuple(stored.names), common=stored)
        return ParquetSource(self.files, (ParquetSource(self.files[:1]).schema.names[0],))

    def add_folders(self, batch: pa.RecordBatch, files: NDArray[np.int64]) -> pa.RecordBatch:
        """Add the columns of the folders, for rows that lie in these files."""
        added = self.partitions.select(self.schema.names).take(files)
        arrays = [added[name] if name in added else batch[name] for name in self.schema.names]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)


class HiveRows:
    """The rows of partitioned files by number; see `RowReader`.

    Args:
        rows: The rows of the files.
        starts: The number of the first row of each file, and the number of rows, int64 [files + 1].
        source: The source, which adds the columns of the folders.
    """

    in_memory: bool = False

    def __init__(self, rows: ParquetRows, starts: NDArray[np.int64], source: HiveParquetSource) -> None:
        self._rows = rows
        self._starts = starts
        self._source = source

    @property
    def num_rows(self) -> int:
        """The number of rows."""
        return self._rows.num_rows

    @property
    def row_bytes(self) -> float:
        """The average size of a row before compression."""
        return self._rows.row_bytes

    @property
    def blocks(self) -> NDArray[np.int64]:
        """The boundaries of the row groups."""
        return self._rows.blocks

    def take(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Gather rows from their row groups."""
        return self._add(self._rows.take(rows), np.asarray(rows, np.int64))

    def scan(self, start: int) -> Iterator[pa.RecordBatch]:
        """Read the rows from number `start` on, in order."""
        for batch in self._rows.scan(start):
            yield self._add(batch, np.arange(start, start + batch.num_rows))
            start += batch.num_rows

    def _add(self, batch: pa.RecordBatch, rows: NDArray[np.int64]) -> pa.RecordBatch:
        files = np.searchsorted(self._starts, rows, "right") - 1
        return self._source.add_folders(batch, files)
