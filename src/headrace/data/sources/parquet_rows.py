"""Read rows of Parquet files by number, a row group at a time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from headrace.cached_property import cached_property
from headrace.data.rows import RowPool, concatenate, split_rows
from headrace.data.sources.files.open_for_arrow import open_for_arrow
from headrace.data.sources.parquet_layout import ParquetLayout

__all__ = ["ParquetRows", "read_groups"]

_BUFFER = 1 << 20  # bytes of a column read from the file at a time
_KEPT_BYTES = 288 << 20  # of decoded row groups: a window of 256 MB, and the next row group


def read_groups(
    path: str, groups: list[int], names: list[str], batch_rows: int, encoded: list[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """Read row groups of a file in batches; the `encoded` columns as dictionaries."""
    # pre_buffer=True would keep all bytes read so far in memory until the file is closed.
    source = open_for_arrow(path)
    with pq.ParquetFile(source, pre_buffer=False, buffer_size=_BUFFER, read_dictionary=encoded) as file:
        for batch in file.iter_batches(batch_rows, groups, names):
            yield batch.select(names).replace_schema_metadata(None)


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
            return pa.RecordBatch.from_pylist([], schema=self._read_schema)
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
                yield from _cut(read_groups(self._files[file], groups, self._names, size), size, skip)
                skip = 0

    @property
    def _read_schema(self) -> pa.Schema:
        return pa.schema([self._schema.field(name) for name in self._names])

    def _decode(self, number: int) -> pa.Table:
        with self._locks[number]:
            with self._lock:
                if number in self._decoded:
                    self._decoded.move_to_end(number)
                    return self._decoded[number]
            group = self._groups[number]
            with pq.ParquetFile(open_for_arrow(self._files[group.file]), pre_buffer=False) as file:
                table = file.read_row_group(group.number, self._names, use_threads=False)
            table = table.select(self._names).replace_schema_metadata(None)
            with self._lock:
                self._decoded[number] = table
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
