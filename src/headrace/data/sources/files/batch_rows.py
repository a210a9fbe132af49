"""Read rows by number from record batches that lie in memory or are mapped into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.cached_property import cached_property
from headrace.columns import empty_batch
from headrace.data.rows import RowPool, split_rows
from headrace.errors import HeadraceError, SchemaError

__all__ = ["BatchRows"]


class BatchRows:
    """The rows of record batches of one schema by number; see `RowReader`.

    Args:
        batches: The batches.
        schema: Their schema.
        batch_rows: The largest batch of a scan.
        check_files: Checks the files of batches, by their numbers, whenever rows of these are read.
        check: Checks the values of a batch before rows are taken from it, once, by its number.
        check_rows: Checks the rows that were taken.
        find_fault: Raises the error of a corrupt batch, by its number, where rows cannot be taken.
    """

    def __init__(
        self,
        batches: Sequence[pa.RecordBatch],
        schema: pa.Schema,
        batch_rows: int,
        *,
        check_files: Callable[[Iterable[int]], None] | None = None,
        check: Callable[[int], None] | None = None,
        check_rows: Callable[[pa.RecordBatch], None] | None = None,
        find_fault: Callable[[int], None] | None = None,
    ) -> None:
        self._batches = batches
        self._schema = schema
        self._batch_rows = batch_rows
        self._check_files = check_files
        self._check = check
        self._check_rows = check_rows
        self._find_fault = find_fault
        self._checked: set[int] = set()

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        return np.cumsum([0, *(batch.num_rows for batch in self._batches)], dtype=np.int64)

    @property
    def num_rows(self) -> int:
        """The number of rows."""
        return int(self._starts[-1])

    @cached_property
    def row_bytes(self) -> float:
        """The average size of a row."""
        return sum(batch.nbytes for batch in self._batches) / max(self.num_rows, 1)

    @property
    def blocks(self) -> None:
        """None: every row can be read by itself."""
        return

    @property
    def in_memory(self) -> bool:
        """Whether no page has to be read from a file."""
        return self._check is None

    def take(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Gather rows.

        Raises:
            SchemaError: Offsets in a batch are invalid.
        """
        used: list[int] = []
        if self._check is not None or self._check_files is not None:
            used = np.unique(np.searchsorted(self._starts, rows, "right") - 1).tolist()
        if self._check_files is not None:
            self._check_files(used)
        if self._check is not None:
            for number in set(used) - self._checked:
                self._check(number)
                self._checked.add(number)
        try:
            found = self._pool.take(np.asarray(rows, np.int64))
        except SchemaError:
            if self._find_fault is not None:
                for number in used:
                    self._find_fault(number)
            raise
        self._check_found(found, used)
        return found

    def _check_found(self, rows: pa.RecordBatch, batches: Iterable[int]) -> None:
        """Check rows of these batches; raise the error of the batch that holds a fault."""
        if self._check_rows is None:
            return
        try:
            self._check_rows(rows)
        except HeadraceError:
            if self._find_fault is not None:
                for number in batches:
                    self._find_fault(number)
            raise

    @cached_property
    def _pool(self) -> RowPool:
        batches = self._batches or [empty_batch(self._schema)]
        try:
            return RowPool(batches)
        except ValueError as error:
            raise SchemaError(str(error), hint="write the file again") from error

    def scan(self, start: int) -> Iterator[pa.RecordBatch]:
        """Yield slices from row `start` on, without a copy."""
        first = int(np.searchsorted(self._starts, start, "right")) - 1
        for number in range(first, len(self._batches)):
            rest = self._batches[number].slice(max(start - int(self._starts[number]), 0))
            for batch in split_rows(rest, self._batch_rows):
                if self._check_files is not None:
                    self._check_files([number])
                self._check_found(batch, [number])
                yield batch
