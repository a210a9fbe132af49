"""Keep the rows of a small source in memory."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.data.plan import RowReader
from headrace.data.rows import RowPool, count_bytes
from headrace.errors import HeadraceError

__all__ = ["KeptRows"]

_MOST_BYTES = 64 << 20
_SHARE = 4  # rows are kept once a quarter of them has been taken: one rank of eight takes an eighth


class KeptRows:
    """The rows of a reader, kept in memory if they are few; see `RowReader`.

    All rows are read at once, in order, as soon as a quarter of them has been taken; then rows are gathered
    from memory. Rows of more than 64 MB, encoded or decoded (by an estimate), are not kept, nor are rows if
    any of them cannot be read: each is then read when it is taken.

    Args:
        reader: The reader, of rows that can be read by themselves.

    Attributes:
        pool: The rows that are kept; None before.
    """

    blocks: NDArray[np.int64] | None = None

    def __init__(self, reader: RowReader) -> None:
        self._reader = reader
        self._taken = self._taken_bytes = 0
        self.pool: RowPool | None = None  # see `PooledRows`
        self._is_small = reader.num_rows * reader.row_bytes <= _MOST_BYTES
        # Never waited for, so that a process forked meanwhile does not wait for ever.
        self._lock = Lock()

    @property
    def num_rows(self) -> int:
        """The number of rows."""
        return self._reader.num_rows

    @property
    def row_bytes(self) -> float:
        """The average size of a row in the reader."""
        return self._reader.row_bytes

    @property
    def in_memory(self) -> bool:
        """Whether the rows are kept, or will be."""
        return self._is_small

    def take(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Gather rows from memory, or read them."""
        if self.pool is not None:
            return self.pool.take(rows)
        batch = self._reader.take(rows)
        if self._is_small:
            self._count(batch)
        return batch

    def scan(self, start: int = 0) -> Iterator[pa.RecordBatch]:
        """Read the rows from number `start` on, in order."""
        return self._reader.scan(start)

    def __reduce__(self) -> tuple[type[KeptRows], tuple[RowReader]]:
        return KeptRows, (self._reader,)

    def _count(self, batch: pa.RecordBatch) -> None:
        """Count the rows taken; keep all rows once that is worth it."""
        self._taken += batch.num_rows
        self._taken_bytes += count_bytes(batch)
        if self._taken * _SHARE < self.num_rows or not self._lock.acquire(blocking=False):
            return
        try:
            is_small = self._taken_bytes * self.num_rows <= _MOST_BYTES * self._taken
            self.pool = self.pool or (self._read_all() if is_small else None)
            self._is_small = self.pool is not None
        finally:
            self._lock.release()

    def _read_all(self) -> RowPool | None:
        """Read all rows into one batch, whose buffers waste less memory than those of several."""
        try:
            return RowPool([self._reader.take(np.arange(self.num_rows))])
        except HeadraceError:  # raised again when the row that causes it is taken
            return None
