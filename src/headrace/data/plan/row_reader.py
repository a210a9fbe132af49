"""The rows of a source, by number."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.data.rows import RowPool

__all__ = ["PooledRows", "RowReader", "without_readers"]

T = TypeVar("T")


class RowReader(Protocol):
    """The rows of a source, numbered from 0."""

    @property
    def num_rows(self) -> int:
        """The number of rows."""
        ...

    @property
    def row_bytes(self) -> float:
        """The average size of a row in bytes, which chunks are sized by; an estimate."""
        ...

    @property
    def blocks(self) -> NDArray[np.int64] | None:
        """The boundaries, int64 [blocks + 1], of runs of rows that are only decoded as a whole.

        None if every row can be read by itself.
        """
        ...

    @property
    def in_memory(self) -> bool:
        """Whether the rows lie in memory, so that reading them on other threads saves nothing."""
        ...

    def take(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        """Read the rows of these numbers, int64 [n], in this order; any thread may call it.

        With `blocks`, rows of few blocks are requested at a time.
        """
        ...

    def scan(self, start: int) -> Iterator[pa.RecordBatch]:
        """Read the rows from number `start` on, in order.

        At a `start` where a scan from 0 ends a batch, it yields the batches that the scan from 0 yields.
        """
        ...


@runtime_checkable
class PooledRows(Protocol):
    """A reader whose rows may all lie in memory, so that a stage can gather each batch itself."""

    @property
    def pool(self) -> RowPool | None:
        """All rows by number; None while they do not lie in memory."""
        ...


def without_readers(source: T) -> T:
    """Copy a source for another process: without the row readers that it caches, whose files are open here.

    What the source has learnt about its files, such as their schema, stays.
    """
    found = copy(source)
    state = vars(found)
    for name in [name for name, value in state.items() if hasattr(value, "take") and hasattr(value, "scan")]:
        del state[name]
    return found
