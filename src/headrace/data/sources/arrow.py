"""Read batches from memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.cached_property import cached_property
from headrace.columns import check_text, empty_batch
from headrace.data.fingerprint import fingerprint
from headrace.data.identity import table_digest
from headrace.data.rows import RowPool, check_schemas
from headrace.errors import UsageError
from headrace.tables import find_table, iterate_batches

__all__ = ["ArrowReader", "ArrowSource"]

_BATCH_ROWS = 4096
_PART_ROWS = 1 << 16


@dataclass(frozen=True)
class ArrowSource:
    """A table in memory, read in batches of at most 4,096 rows without copying."""

    table: pa.Table

    @classmethod
    def from_data(cls, data: Any) -> ArrowSource:
        """Create a source from a table in any form of `headrace.tables`, or from several of one schema.

        Raises:
            UsageError: `data` holds no table, hence no schema, or is of another type.
            SchemaError: The tables differ in their schemas, or a column cannot be converted.
        """
        table = find_table(data)
        if table is not None:
            return cls(table)
        batches = list(iterate_batches(data))
        if not batches:
            raise UsageError(
                "expected at least one record batch, got none",
                hint="pass an empty pyarrow.Table with a schema",
            )
        check_schemas(batches)
        return cls(pa.Table.from_batches(batches))

    @property
    def schema(self) -> pa.Schema:
        """The schema of the table."""
        return self.table.schema

    @property
    def num_rows(self) -> int:
        """The number of rows of the table."""
        return self.table.num_rows

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read zero-copy slices.

        Raises:
            SchemaError: A string is not UTF-8.
        """
        return iter(self._checked.to_batches(max_chunksize=_BATCH_ROWS))

    def open_rows(self) -> ArrowReader:
        """Open the rows by number."""
        return self._reader

    @cached_property
    def _reader(self) -> ArrowReader:
        return ArrowReader(self._checked, _BATCH_ROWS)

    @cached_property
    def _checked(self) -> pa.Table:
        """The table, whose strings are checked once."""
        row = 0
        for batch in self.table.to_batches():
            check_text(batch, first_row=row)
            row += batch.num_rows
        return self.table

    def select_columns(self, columns: Sequence[str]) -> ArrowSource:
        """Return a source of these columns; see `Selectable`."""
        return ArrowSource(self.table.select(list(columns)))

    def divide(self) -> list[ArrowSource]:
        """Divide into slices of 65,536 rows, so that appending rows changes no other part."""
        return [
            ArrowSource(self.table.slice(start, _PART_ROWS)) for start in range(0, self.num_rows, _PART_ROWS)
        ]

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all values, computed once, at the speed of memory."""
        return table_digest(self.table).hex()

    @property
    def cache_key(self) -> str:
        """A digest of all values that is never the same for others."""
        return fingerprint(_to_ipc_stream(self.table))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the rows of a slice without the rest of its table."""
        return _unpickle_source, (_to_ipc_stream(self.table),)


@dataclass(frozen=True)
class ArrowReader:
    """The rows of a table by number; see `RowReader`.

    Attributes:
        table: The rows.
        batch_rows: The largest batch of a scan; None for the batches of the table.
    """

    table: pa.Table
    batch_rows: int | None = None

    @property
    def num_rows(self) -> int:
        """The number of rows of the table."""
        return self.table.num_rows

    @property
    def row_bytes(self) -> float:
        """The average size of a row."""
        return self.table.nbytes / max(self.num_rows, 1)

    @property
    def blocks(self) -> None:
        """None: every row can be read by itself."""
        return

    @property
    def in_memory(self) -> bool:
        """True."""
        return True

    def take(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Gather rows."""
        return self.pool.take(rows)

    def scan(self, start: int) -> Iterator[pa.RecordBatch]:
        """Yield zero-copy slices from row `start` on."""
        return iter(self.table.slice(start).to_batches(max_chunksize=self.batch_rows))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the rows of a slice without the rest of its table."""
        return _unpickle_reader, (_to_ipc_stream(self.table), self.batch_rows)

    @cached_property
    def pool(self) -> RowPool:
        """All rows; see `PooledRows`."""
        empty = empty_batch(self.table.schema)
        return RowPool(self.table.to_batches() or [empty])


def _to_ipc_stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _unpickle_source(data: bytes) -> ArrowSource:
    return ArrowSource(pa.ipc.open_stream(data).read_all())


def _unpickle_reader(data: bytes, batch_rows: int | None) -> ArrowReader:
    return ArrowReader(pa.ipc.open_stream(data).read_all(), batch_rows)
