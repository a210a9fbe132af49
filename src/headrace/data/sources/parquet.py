"""Read Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import pyarrow as pa

from headrace.cached_property import cached_property
from headrace.data.fingerprint import files_cache_key, files_fingerprint
from headrace.data.sources.files.select_columns import as_tuple, select_columns
from headrace.data.sources.find_files import find_files
from headrace.data.sources.parquet_files.common_schema import find_common_schema
from headrace.data.sources.parquet_files.layout import ParquetLayout
from headrace.data.sources.parquet_files.rows import ParquetRows, read_groups
from headrace.storage import Paths, file_size

__all__ = ["ParquetSource"]


_PART_BYTES = 128 << 20  # a larger file is divided into runs of row groups of at least this size


@dataclass(frozen=True)
class ParquetSource:
    """Parquet files of one schema, read in batches of at most 131,072 rows, fewer if rows are large.

    Attributes:
        files: The files, in reading order.
        columns: The columns of the schema; None is all.
        pruned: The columns that batches contain, dictionary-encoded where the file stores strings so; None is
            all columns, without dictionaries. It changes neither the schema nor the fingerprint.
        groups: The row groups to read of each file; None is all.
        common: The schema of the source that this is a part of, before columns are chosen; None finds it in
            the files.
        reopens_files: True: row groups are read from the name of the file; see `FileWatch`.
    """

    reopens_files: ClassVar[bool] = True

    files: tuple[str, ...]
    columns: tuple[str, ...] | None = None
    pruned: tuple[str, ...] | None = None
    groups: range | None = None
    common: pa.Schema | None = None

    @classmethod
    def from_paths(cls, paths: Paths, columns: Sequence[str] | None = None) -> ParquetSource:
        """Create a source from files.

        Raises:
            UsageError: A file does not exist.
        """
        return cls(find_files(paths, r"\.(parquet|pq)"), as_tuple(columns))

    @cached_property
    def schema(self) -> pa.Schema:
        """The chosen columns, of types that hold the values of every file; see `common_schema`.

        Raises:
            SchemaError: A file is not Parquet, or its columns differ from those of the first.
            RecordError: A file is truncated or corrupt.
        """
        if self.common is None:
            return find_common_schema(self.files, self.columns)
        return select_columns(self.common, self.columns, self.files[0])

    @property
    def num_rows(self) -> int:
        """The number of rows, from the footers of the files."""
        layouts = (ParquetLayout.read(file) for file in self.files)
        return sum(sum(layout.count_rows(self.groups)) for layout in layouts)

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read the rows in order; the boundaries of batches depend on each file alone."""
        schema, pruned = self.schema, self._pruned_schema
        for path in self.files:
            layout = ParquetLayout.read(path)
            encoded = [field.name for field in pruned if self.pruned and layout.has_dictionary(field)]
            for groups in layout.list_reads(self.groups):
                yield from read_groups(
                    path, layout, groups, pruned, layout.choose_batch_rows(schema), encoded
                )

    @property
    def _pruned_schema(self) -> pa.Schema:
        return select_columns(self.schema, self.pruned, self.files[0])

    def open_rows(self) -> ParquetRows:
        """Open the rows by number; they are read a row group at a time."""
        return self._rows

    @cached_property
    def _rows(self) -> ParquetRows:
        names = self.schema.names if self.pruned is None else self.pruned
        layouts = [ParquetLayout.read(file) for file in self.files]
        return ParquetRows(self.files, layouts, self.schema, tuple(names), self.groups)

    def prune_columns(self, columns: Sequence[str]) -> ParquetSource:
        """Return a source that reads these columns only; see `Prunable`."""
        if not columns or not set(columns) <= set(self.schema.names):
            return self
        return replace(self, pruned=tuple(columns), common=self.schema)

    def select_columns(self, columns: Sequence[str]) -> ParquetSource:
        """Return a source of these columns; see `Selectable`."""
        return replace(self, columns=tuple(columns), pruned=None, common=self.schema)

    def divide(self) -> list[ParquetSource]:
        """Divide into one source per file, several for a large file; all have the schema of the whole."""
        return [part for file in self.files for part in self._divide_file(file)]

    def _divide_file(self, file: str) -> list[ParquetSource]:
        whole = ParquetSource((file,), tuple(self.schema.names), self.pruned, common=self.schema)
        if (file_size(file) or 0) <= _PART_BYTES:
            return [whole]
        runs = ParquetLayout.read(file).split_groups(_PART_BYTES)
        return [replace(whole, groups=run) for run in runs] if len(runs) > 1 else [whole]

    @property
    def fingerprint(self) -> str:
        """A digest of the contents of all files, wherever they lie; see `files_fingerprint`."""
        return files_fingerprint(self.files, "parquet", repr(self.groups), *(self.columns or ()))

    @property
    def cache_key(self) -> str:
        """A digest that changes whenever the files may have changed; see `files_cache_key`."""
        return files_cache_key(self.files, "parquet", repr(self.groups), *(self.columns or ()))
