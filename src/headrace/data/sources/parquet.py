"""Read Parquet files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa
import pyarrow.parquet as pq

from headrace.data.fingerprint import file_fingerprint
from headrace.data.sources.files.open_for_arrow import open_for_arrow
from headrace.data.sources.files.select_columns import as_tuple, select_columns
from headrace.data.sources.find_files import find_files
from headrace.errors import SchemaError
from headrace.storage import Paths, file_size

__all__ = ["ParquetSource"]

_MAX_BATCH_ROWS = 131_072
_MAX_BATCH_BYTES = 16 << 20  # estimated
_MIN_STRING_BYTES = 32  # per row; a smaller column chunk is dictionary-encoded, and its strings are longer
_MIN_GROUP_ROWS = 16_384  # on average; batches then end with their row group, as dictionaries do
_BUFFER = 1 << 20  # bytes of a column read from the file at a time
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
        layouts = (_Layout.from_metadata(_read_metadata(file)) for file in self.files)
        return sum(sum(layout.count_rows(self.groups)) for layout in layouts)

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read the rows in order; the boundaries of batches depend on each file alone."""
        schema = self.schema
        names = list(schema.names if self.pruned is None else self.pruned)
        for path in self.files:
            layout = _Layout.from_metadata(_read_metadata(path))
            encoded = [name for name in self.pruned or () if layout.has_dictionary(schema.field(name))]
            # pre_buffer=True would keep all bytes read so far in memory until the file is closed.
            with pq.ParquetFile(
                open_for_arrow(path), pre_buffer=False, buffer_size=_BUFFER, read_dictionary=encoded
            ) as file:
                for groups in layout.list_reads(self.groups):
                    for batch in file.iter_batches(layout.choose_batch_rows(schema), groups, names):
                        yield batch.select(names).replace_schema_metadata(None)

    def prune_columns(self, columns: Sequence[str]) -> ParquetSource:
        """Return a source that reads these columns only; see `Prunable`."""
        if not columns or not set(columns) <= set(self.schema.names):
            return self
        source = replace(self, pruned=tuple(columns))
        vars(source)["schema"] = self.schema  # saves reading the footer of every file again
        return source

    def divide(self) -> list[ParquetSource]:
        """Divide into one source per file, several for a large file; all have the schema of the whole."""
        return [part for file in self.files for part in self._divide_file(file)]

    def _divide_file(self, file: str) -> list[ParquetSource]:
        whole = ParquetSource((file,), tuple(self.schema.names), self.pruned)
        if (file_size(file) or 0) <= _PART_BYTES:
            return [whole]
        runs = _Layout.from_metadata(_read_metadata(file)).split_groups(_PART_BYTES)
        return [replace(whole, groups=run) for run in runs] if len(runs) > 1 else [whole]

    @property
    def fingerprint(self) -> str:
        """A digest of the path, size and modification time of the first file, its row groups and columns."""
        how = ["parquet"] if self.groups is None else ["parquet", repr(self.groups)]
        return file_fingerprint(self.files[0], pa.schema([]), *how, *(self.columns or self.schema.names))


@dataclass(frozen=True)
class _Layout:
    """The row groups of a Parquet file.

    Attributes:
        group_rows: The number of rows of each row group.
        group_bytes: The uncompressed size of each row group.
        column_bytes: The uncompressed size of each column.
    """

    group_rows: Sequence[int]
    group_bytes: Sequence[int]
    column_bytes: Mapping[str, int]

    @classmethod
    def from_metadata(cls, file: pq.FileMetaData) -> _Layout:
        """Read the layout from the footer of a file."""
        groups = [file.row_group(number) for number in range(file.num_row_groups)]
        column_bytes = Counter[str]()
        for chunk in (group.column(place) for group in groups for place in range(group.num_columns)):
            column_bytes[chunk.path_in_schema.partition(".")[0]] += chunk.total_uncompressed_size
        return cls(
            [each.num_rows for each in groups], [each.total_byte_size for each in groups], column_bytes
        )

    @property
    def rows(self) -> int:
        """The number of rows of the file."""
        return sum(self.group_rows)

    def count_rows(self, groups: range | None) -> Sequence[int]:
        """List the number of rows of each of the row groups."""
        return self.group_rows if groups is None else [self.group_rows[group] for group in groups]

    def split_groups(self, min_bytes: int) -> list[range]:
        """Split the row groups into runs of at least `min_bytes`; into one run if batches span row groups."""
        runs, start, held = list[range](), 0, 0
        for group, bytes_ in enumerate(self.group_bytes):
            held += bytes_
            if held >= min_bytes and self._has_large_groups:
                runs.append(range(start, group + 1))
                start, held = group + 1, 0
        return [*runs, range(start, len(self.group_bytes))] if start < len(self.group_bytes) else runs

    def choose_batch_rows(self, schema: pa.Schema) -> int:
        """Choose the rows of a batch so that its size is bounded."""
        row_bytes = sum(self._estimate_value_bytes(field) for field in schema)
        return max(1, min(_MAX_BATCH_ROWS, int(_MAX_BATCH_BYTES / max(row_bytes, 1))))

    def has_dictionary(self, field: pa.Field) -> bool:
        """Return whether a column stores strings in dictionaries that are worth keeping.

        Stored plainly, the length of each string alone takes four bytes.
        """
        is_encoded = self.column_bytes[field.name] < 4 * self.rows
        return pa.types.is_string(field.type) and is_encoded and self._has_large_groups

    def list_reads(self, groups: range | None) -> list[list[int]]:
        """List the row groups to read at once; batch boundaries do not depend on the pruned columns."""
        chosen = list(range(len(self.group_rows)) if groups is None else groups)
        return [[group] for group in chosen] if self._has_large_groups else [chosen]

    @property
    def _has_large_groups(self) -> bool:
        return self.rows >= _MIN_GROUP_ROWS * len(self.group_rows)

    def _estimate_value_bytes(self, field: pa.Field) -> float:
        try:
            return field.type.bit_width / 8
        except ValueError:  # not a type of fixed width
            return max(self.column_bytes[field.name] / max(self.rows, 1), _MIN_STRING_BYTES)


def _read_metadata(file: str) -> pq.FileMetaData:
    return pq.read_metadata(open_for_arrow(file))


def _read_schema(file: str) -> pa.Schema:
    try:
        return pq.read_schema(open_for_arrow(file))
    except pa.ArrowInvalid as error:
        hint = "check the file; from_csv reads text files"
        raise SchemaError("not a Parquet file", path=file, hint=hint) from error
