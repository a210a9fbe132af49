"""The rows of several readers, numbered through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from headrace.cached_property import cached_property
from headrace.data.plan import Numbers, RowOrder, RowReader
from headrace.data.read_rows import read_rows
from headrace.data.rows import concatenate, take_rows

__all__ = ["ConcatenatedRows"]

_CHUNK_ROWS = 4096


class ConcatenatedRows:
    """Rows of several readers, each in its own order; see `RowReader`.

    Args:
        parts: The readers, and the orders of their rows, the same in every epoch.
    """

    def __init__(self, parts: Sequence[tuple[RowReader, RowOrder]]) -> None:
        self._parts = parts
        self._starts = np.cumsum([0, *(order.num_rows for _, order in parts)])

    @property
    def num_rows(self) -> int:
        """The number of all rows."""
        return int(self._starts[-1])

    @property
    def row_bytes(self) -> float:
        """The average size of a row."""
        return sum(order.row_bytes * order.num_rows for _, order in self._parts) / max(self.num_rows, 1)

    @property
    def blocks(self) -> Numbers | None:
        """The blocks of the readers that have blocks; runs of 4,096 rows of the others. None without any."""
        return self._blocks

    @cached_property
    def _blocks(self) -> Numbers | None:
        if not any(order.in_blocks for _, order in self._parts):
            return None
        edges = [np.zeros(1, np.int64)]
        for start, (_, order) in zip(self._starts, self._parts, strict=False):
            own = order.blocks
            if own is None:
                own = np.append(np.arange(0, order.num_rows, _CHUNK_ROWS), order.num_rows)
            edges.append(own[1:] + start)
        return np.concatenate(edges)

    @property
    def in_memory(self) -> bool:
        """Whether all readers hold their rows in memory."""
        return all(reader.in_memory for reader, _ in self._parts)

    def take(self, rows: Numbers) -> pa.RecordBatch:
        """Take the rows of each reader, and put them in order."""
        part = np.searchsorted(self._starts, rows, "right") - 1
        order = np.argsort(part, kind="stable")
        used, firsts = np.unique(part[order], return_index=True)
        if not len(used):
            return self._take(0, rows)
        groups = np.split(rows[order], firsts[1:])
        taken = [self._take(number, group) for number, group in zip(used.tolist(), groups, strict=True)]
        if len(taken) == 1:
            return taken[0]
        places = np.empty_like(order)
        places[order] = np.arange(len(order))
        return take_rows(concatenate(taken), places)

    def scan(self, start: int) -> Iterator[pa.RecordBatch]:
        """Scan the readers one after the other."""
        first = int(np.searchsorted(self._starts, start, "right")) - 1
        position = start - int(self._starts[min(first, len(self._parts))])
        for reader, order in self._parts[first:]:
            for step in read_rows(reader, order, _CHUNK_ROWS, 0, position):
                yield step.batch
            position = 0

    def _take(self, number: int, rows: Numbers) -> pa.RecordBatch:
        reader, order = self._parts[number]
        return reader.take(order.at(0, rows - self._starts[number]))
