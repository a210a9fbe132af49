"""Read Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.parquet as pq

from headrace.cached_property import cached_property
from headrace.data.fingerprint import files_cache_key, files_fingerprint
from headrace.data.sources.files.open_for_arrow import open_for_arrow
from headrace.data.sources.files.select_columns import as_tuple, select_columns
from headrace.data.sources.find_files import find_files
from headrace.data.sources.parquet_layout import ParquetLayout
from headrace.data.sources.parquet_rows import ParquetRows, read_groups
from headrace.errors import SchemaError
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
    """

    files: tuple[str, ...]
    columns: tuple[str, ...] | None = None
    pruned: tuple[str, ...] | None = None
    groups: range | None = None

    @classmethod
    def from_paths(cls, paths: Paths, columns: Sequence[str] | None = None) -> ParquetSource:
        """Create a source from files.

        Raises:
            UsageError: A file does not exist.
        """
        return cls(find_files(paths), as_tuple(columns))

    @cached_property
    def schema(self) -> pa.Schema:
        """The chosen columns of the first file.

        Raises:
            SchemaError: A file is not Parquet, it differs from the first, or it lacks a chosen column.
        """
        first = _read_schema(self.files[0])
        for file in self.files[1:]:
            if not _read_schema(file).equals(first):
                raise SchemaError(
                    f"the columns differ from those of {self.files[0]}",
                    path=file,
                    hint="read the files separately, or write them with one schema",
                )
        return pa.schema(list(select_columns(first, self.columns, self.files[0])))

    @property
    def num_rows(self) -> int:
        """The number of rows, from the footers of the files."""
        layouts = (ParquetLayout.read(file) for file in self.files)
        return sum(sum(layout.count_rows(self.groups)) for layout in layouts)

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read the rows in order; the boundaries of batches depend on each file alone."""
        schema = self.schema
        names = list(schema.names if self.pruned is None else self.pruned)
        for path in self.files:
            layout = ParquetLayout.read(path)
            encoded = [name for name in self.pruned or () if layout.has_dictionary(schema.field(name))]
            for groups in layout.list_reads(self.groups):
                yield from read_groups(path, groups, names, layout.choose_batch_rows(schema), encoded)

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
        source = replace(self, pruned=tuple(columns))
        vars(source)["schema"] = self.schema  # saves reading the footer of every file again
        return source

    def select_columns(self, columns: Sequence[str]) -> ParquetSource:
        """Return a source of these columns; see `Selectable`."""
        source = replace(self, columns=tuple(columns), pruned=None)
        schema = pa.schema([self.schema.field(name) for name in columns], self.schema.metadata)
        vars(source)["schema"] = schema  # saves reading the footer of every file again
        return source

    def divide(self) -> list[ParquetSource]:
        """Divide into one source per file, several for a large file; all have the schema of the whole."""
        return [part for file in self.files for part in self._divide_file(file)]

    def _divide_file(self, file: str) -> list[ParquetSource]:
        whole = ParquetSource((file,), tuple(self.schema.names), self.pruned)
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


def _read_schema(file: str) -> pa.Schema:
    try:
        return pq.read_schema(open_for_arrow(file))
    except pa.ArrowInvalid as error:
        hint = "check the file; from_csv reads text files"
        raise SchemaError("not a Parquet file", path=file, hint=hint) from error
