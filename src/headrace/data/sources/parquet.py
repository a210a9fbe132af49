"""Parquet files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa
import pyarrow.parquet as pq

from headrace.data.fingerprint import file_fingerprint
from headrace.data.sources.find_files import Paths, find_files
from headrace.errors import SchemaError
from headrace.storage import file_size
from headrace.suggestions import suggest

__all__ = ["ParquetSource"]

_MOST_ROWS = 131_072  # a batch
_MOST_BYTES = 16 << 20  # a batch, about
_LEAST_OF_STRINGS = 32  # bytes a row: less in a file means that a dictionary has them
_LEAST_ROWS = 16_384  # of a row group on average, for batches to end where it does, as dictionaries do
_BUFFER = 1 << 20  # bytes of a column read from the file at a time
_PART_BYTES = 128 << 20  # a larger file is divided into runs of row groups that hold as much


@dataclass(frozen=True)
class ParquetSource:
    """Parquet files of one schema, read in batches of at most 131,072 rows, fewer where rows are large.

    Attributes:
        files: The files, read in this order.
        columns: Which columns to read; None is all.
        wanted: Which of those batches are to hold, their strings in dictionaries where the file has them so;
            None is all, without dictionaries. It does not change the schema, nor the fingerprint.
        groups: Which row groups to read of each file; None is all.
    """

    files: tuple[str, ...]
    columns: tuple[str, ...] | None = None
    wanted: tuple[str, ...] | None = None
    groups: range | None = None

    @classmethod
    def of(cls, paths: Paths, columns: Sequence[str] | None = None) -> ParquetSource:
        """A source of the files of `paths`.

        Raises:
            UsageError: There is no such file.
        """
        return cls(find_files(paths), None if columns is None else tuple(columns))

    @cached_property
    def schema(self) -> pa.Schema:
        """The chosen columns of the first file.

        Raises:
            SchemaError: A file is no Parquet, has another schema than the first, or lacks a chosen column.
        """
        first = _schema(self.files[0])
        for file in self.files[1:]:
            if not _schema(file).equals(first):
                raise SchemaError(
                    f"its columns differ from those of {self.files[0]}",
                    path=file,
                    hint="read the files one by one, or write them with one schema",
                )
        return pa.schema([self._field(first, name) for name in self.columns or first.names])

    @property
    def num_rows(self) -> int:
        """From the files' footers."""
        layouts = (_Layout.of(pq.read_metadata(file)) for file in self.files)
        return sum(sum(layout.rows_of(self.groups)) for layout in layouts)

    def read(self) -> Iterator[pa.RecordBatch]:
        """The files' rows in order; how they are cut into batches depends on each file alone."""
        schema = self.schema
        names = list(schema.names if self.wanted is None else self.wanted)
        for path in self.files:
            layout = _Layout.of(pq.read_metadata(path))
            encoded = [each for each in self.wanted or () if layout.has_dictionary(schema.field(each))]
            # Arrow's own buffers ahead of the reader keep all they have read until the file is closed.
            with pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER, read_dictionary=encoded) as file:
                for groups in layout.read_together(self.groups):
                    for batch in file.iter_batches(layout.rows_in_batch(schema), groups, names):
                        yield batch.select(names).replace_schema_metadata(None)

    def narrowed(self, columns: Sequence[str]) -> ParquetSource:
        """See `Narrowable`."""
        if not columns or not set(columns) <= set(self.schema.names):
            return self
        source = replace(self, wanted=tuple(columns))
        vars(source)["schema"] = self.schema  # which took reading every file's footer
        return source

    def divide(self) -> list[ParquetSource]:
        """A source for each file, of the schema of all; several for a large file, of its row groups."""
        return [part for file in self.files for part in self._parts(file)]

    def _parts(self, file: str) -> list[ParquetSource]:
        whole = ParquetSource((file,), tuple(self.schema.names), self.wanted)
        if (file_size(file) or 0) <= _PART_BYTES:
            return [whole]
        runs = _Layout.of(pq.read_metadata(file)).runs(_PART_BYTES)
        return [replace(whole, groups=run) for run in runs] if len(runs) > 1 else [whole]

    @property
    def fingerprint(self) -> str:
        """By the first file, which holds its schema (path, size, time of change), row groups and columns."""
        how = ["parquet"] if self.groups is None else ["parquet", repr(self.groups)]
        return file_fingerprint(self.files[0], pa.schema([]), *how, *(self.columns or self.schema.names))

    def _field(self, schema: pa.Schema, name: str) -> pa.Field:
        if name not in schema.names:
            raise SchemaError(
                "the file has no such column",
                path=self.files[0],
                feature=name,
                hint=suggest(name, schema.names),
            )
        return schema.field(name)


@dataclass(frozen=True)
class _Layout:
    """How a file holds its rows.

    Attributes:
        group_rows: How many each row group holds.
        group_bytes: In how many bytes, not compressed.
        stored: The bytes of each column, not compressed.
    """

    group_rows: Sequence[int]
    group_bytes: Sequence[int]
    stored: Mapping[str, int]

    @classmethod
    def of(cls, file: pq.FileMetaData) -> _Layout:
        """What the file's footer says."""
        groups = [file.row_group(number) for number in range(file.num_row_groups)]
        stored = Counter[str]()
        for chunk in (group.column(place) for group in groups for place in range(group.num_columns)):
            stored[chunk.path_in_schema.partition(".")[0]] += chunk.total_uncompressed_size
        return cls([each.num_rows for each in groups], [each.total_byte_size for each in groups], stored)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(self.group_rows)

    def rows_of(self, groups: range | None) -> Sequence[int]:
        """How many rows each of those row groups holds."""
        return self.group_rows if groups is None else [self.group_rows[group] for group in groups]

    def runs(self, least: int) -> list[range]:
        """Row groups side by side that hold so many bytes or more; one run where batches span them."""
        runs, start, held = list[range](), 0, 0
        for group, bytes_ in enumerate(self.group_bytes):
            held += bytes_
            if held >= least and self._has_large_groups:
                runs.append(range(start, group + 1))
                start, held = group + 1, 0
        return [*runs, range(start, len(self.group_bytes))] if start < len(self.group_bytes) else runs

    def rows_in_batch(self, schema: pa.Schema) -> int:
        """So many that a batch is not too large."""
        row = sum(self._width(field) for field in schema)
        return max(1, min(_MOST_ROWS, int(_MOST_BYTES / max(row, 1))))

    def has_dictionary(self, field: pa.Field) -> bool:
        """Whether it holds strings by their numbers in dictionaries that are worth keeping.

        Otherwise it would take four bytes for the length of each alone.
        """
        by_number = self.stored[field.name] < 4 * self.rows
        return pa.types.is_string(field.type) and by_number and self._has_large_groups

    def read_together(self, groups: range | None) -> list[list[int]]:
        """Of those row groups, the ones between whose rows batches do not end; the same for every reader."""
        chosen = list(range(len(self.group_rows)) if groups is None else groups)
        return [[group] for group in chosen] if self._has_large_groups else [chosen]

    @property
    def _has_large_groups(self) -> bool:
        return self.rows >= _LEAST_ROWS * len(self.group_rows)

    def _width(self, field: pa.Field) -> float:
        """The bytes of a value, about."""
        try:
            return field.type.bit_width / 8
        except ValueError:  # no fixed width
            return max(self.stored[field.name] / max(self.rows, 1), _LEAST_OF_STRINGS)


def _schema(file: str) -> pa.Schema:
    try:
        return pq.read_schema(file)
    except pa.ArrowInvalid as error:
        raise SchemaError(
            "no Parquet file", path=file, hint="check the file; text files go to from_csv"
        ) from error
