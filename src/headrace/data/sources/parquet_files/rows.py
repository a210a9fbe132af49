"""Read rows of Parquet files by number, a row group at a time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.cached_property import cached_property
from headrace.columns import check_text, empty_batch
from headrace.data.rows import RowPool, concatenate, split_rows
from headrace.data.sources.parquet_files.layout import ParquetLayout
from headrace.data.sources.parquet_files.open_file import open_parquet, wrap_parquet_errors
from headrace.errors import RecordError
from headrace.tables import simplify_array

__all__ = ["ParquetRows", "read_groups"]

_SMALL_BYTES = 1 << 18  # decoded in less time than threads take to share them
_KEPT_BYTES = 288 << 20  # of decoded row groups: a window of 256 MB, and the next row group


def read_groups(
    path: str,
    layout: ParquetLayout,
    groups: list[int],
    schema: pa.Schema,
    batch_rows: int,
    encoded: Sequence[str] = (),
) -> Iterator[pa.RecordBatch]:
    """Read row groups of a file in batches of a schema; the `encoded` columns as dictionaries.

    Raises:
        HeadraceError: The errors of `wrap_parquet_errors`.
        SchemaError: A string is not UTF-8.
        RecordError: There are fewer rows than the footer says.
    """
    rows = 0
    is_large = sum(layout.group_bytes[group] for group in groups) > _SMALL_BYTES
    with wrap_parquet_errors(path), open_parquet(path, encoded) as file:
        for batch in file.iter_batches(batch_rows, groups, schema.names, use_threads=is_large):
            aligned = _align(batch, schema, encoded)
            check_text(aligned, path=path, first_row=sum(layout.group_rows[: groups[0]]) + rows)
            rows += batch.num_rows
            yield aligned
    expected = sum(layout.group_rows[group] for group in groups)
    if rows != expected:
        what = f"expected {expected:,} rows as the footer says, got {rows:,}"
        raise RecordError(what, path=path, hint="write or copy the file again")


def _align(batch: pa.RecordBatch, schema: pa.Schema, encoded: Sequence[str] = ()) -> pa.RecordBatch:
    """Return the columns of a schema, in its order and of its types; `encoded` columns keep dictionaries."""
    if batch.schema.names != schema.names:
        batch = batch.select(schema.names)
    kept = set(encoded)
    fields, columns = list[pa.Field](), list[pa.Array]()
    for field, column in zip(schema, batch.columns, strict=True):
        is_kept = column.type == field.type or (field.name in kept and pa.types.is_dictionary(column.type))
        columns.append(column if is_kept else simplify_array(column, is_foreign=False).cast(field.type))
        fields.append(field.with_type(columns[-1].type))
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))


class _Group(NamedTuple):
    """A row group: its file, its number there, and the one of the file's reads that it belongs to."""

    file: int
    number: int
    read: int


class ParquetRows:
    """The rows of Parquet files by number; see `RowReader`.

    Decoded row groups are kept, up to 288 MB, for the rows of the same window.

    Args:
        files: The files.
        layouts: Their row groups.
        schema: The columns that the size of batches depends on.
        names: The columns to read.
        groups: The row groups of each file to read; None is all.
    """

    def __init__(
        self,
        files: Sequence[str],
        layouts: Sequence[ParquetLayout],
        schema: pa.Schema,
        names: tuple[str, ...],
        groups: range | None = None,
    ) -> None:
        self._files = files
        self._layouts = layouts
        self._schema = schema
        self._names = list(names)
        self._reads = [layout.list_reads(groups) for layout in layouts]
        self._groups = [
            _Group(file, number, read)
            for file, reads in enumerate(self._reads)
            for read, numbers in enumerate(reads)
            for number in numbers
        ]
        self._decoded: OrderedDict[int, pa.Table] = OrderedDict()
        self._locks = [Lock() for _ in self._groups]
        self._lock = Lock()
        self._group_range = groups
        self._last_pool: tuple[list[pa.Table], RowPool | None] = [], None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the row groups that are kept."""
        names = tuple(self._names)
        return ParquetRows, (self._files, self._layouts, self._schema, names, self._group_range)

    @cached_property
    def blocks(self) -> NDArray[np.int64]:
        """The boundaries of the row groups."""
        rows = [self._layouts[group.file].group_rows[group.number] for group in self._groups]
        return np.concatenate([[0], np.cumsum(rows, dtype=np.int64)]).astype(np.int64)

    @property
    def num_rows(self) -> int:
        """The number of rows."""
        return int(self.blocks[-1])

    @property
    def row_bytes(self) -> float:
        """The average size of a decoded row; an estimate."""
        sizes = [layout.estimate_row_bytes(self._read_schema) * layout.rows for layout in self._layouts]
        return sum(sizes) / max(sum(layout.rows for layout in self._layouts), 1)

    @property
    def in_memory(self) -> bool:
        """False."""
        return False

    def take(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Decode the row groups that these rows lie in, unless they are kept, and gather the rows."""
        group = np.searchsorted(self.blocks, rows, "right") - 1
        used, place = np.unique(group, return_inverse=True)
        if not len(used):
            return empty_batch(self._read_schema)
        tables = [self._decode(number) for number in used.tolist()]
        self._drop_others(len(used))
        before = np.cumsum([0, *(table.num_rows for table in tables)])[:-1]
        return self._pool(tables).take(rows - self.blocks[group] + before[place])

    def _drop_others(self, used: int) -> None:
        """Drop row groups beyond the limit, but not the last `used` ones, which the next rows need too."""
        with self._lock:
            held = sum(table.nbytes for table in self._decoded.values())
            while held > _KEPT_BYTES and len(self._decoded) > used:
                held -= self._decoded.popitem(last=False)[1].nbytes

    def _pool(self, tables: list[pa.Table]) -> RowPool:
        """Return a pool of the rows of these row groups; chunks of one window mostly share it."""
        pooled, pool = self._last_pool
        if len(pooled) != len(tables) or any(
            one is not other for one, other in zip(pooled, tables, strict=True)
        ):
            pool = RowPool([batch for table in tables for batch in table.to_batches()])
            self._last_pool = tables, pool
        assert pool is not None
        return pool

    def scan(self, start: int) -> Iterator[pa.RecordBatch]:
        """Read from row `start` on; batches end where those of a scan from the start end."""
        first = int(np.searchsorted(self.blocks, start, "right")) - 1
        if first >= len(self._groups):
            return
        skip = start - int(self.blocks[first])
        at = self._groups[first]
        for file in range(at.file, len(self._files)):
            size = self._layouts[file].choose_batch_rows(self._schema)
            for number, groups in enumerate(self._reads[file]):
                if file == at.file:
                    if number < at.read:
                        continue
                    groups = [group for group in groups if number > at.read or group >= at.number]
                batches = read_groups(self._files[file], self._layouts[file], groups, self._read_schema, size)
                yield from _cut(batches, size, skip)
                skip = 0

    @cached_property
    def _read_schema(self) -> pa.Schema:
        fields = dict(zip(self._schema.names, self._schema, strict=True))
        return pa.schema([fields[name] for name in self._names])

    def _decode(self, number: int) -> pa.Table:
        with self._locks[number]:
            with self._lock:
                if number in self._decoded:
                    self._decoded.move_to_end(number)
                    return self._decoded[number]
            table = self._read_group(self._groups[number])
            with self._lock:
                self._decoded[number] = table
            return table

    def _read_group(self, group: _Group) -> pa.Table:
        path, layout = self._files[group.file], self._layouts[group.file]
        schema = self._read_schema
        with wrap_parquet_errors(path), open_parquet(path) as file:
            read = file.read_row_group(group.number, self._names, use_threads=False)
            batches = [_align(batch, schema) for batch in read.to_batches()]
        first = sum(layout.group_rows[: group.number])
        for batch in batches:
            check_text(batch, path=path, first_row=first)
            first += batch.num_rows
        table = pa.Table.from_batches(batches, schema)
        expected = layout.group_rows[group.number]
        if table.num_rows != expected:
            what = f"expected {expected:,} rows as the footer says, got {table.num_rows:,}"
            raise RecordError(what, path=path, hint="write or copy the file again")
        return table


def _cut(batches: Iterator[pa.RecordBatch], size: int, skip: int) -> Iterator[pa.RecordBatch]:
    """Drop the first `skip` rows, and cut the rest into batches of `size` rows."""
    pending: list[pa.RecordBatch] = []
    held = 0
    for batch in batches:
        kept = batch.slice(min(skip, batch.num_rows))
        skip -= batch.num_rows - kept.num_rows
        head = kept.slice(0, size - held)
        if head.num_rows:
            pending.append(head)
            held += head.num_rows
        if held == size:
            yield concatenate(pending)
            pending, held = [], 0
            for piece in split_rows(kept.slice(head.num_rows), size):
                pending, held = [piece], piece.num_rows
                if held == size:
                    yield piece
                    pending, held = [], 0
    if pending:
        yield concatenate(pending)
