"""Divide a stream into pools of consecutive rows that are worked on as a whole."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.data.pipeline import Cursor, Upstream
from headrace.data.plan.steps import unpack_cursor
from headrace.data.rows import count_bytes

__all__ = ["Place", "Pool", "Pools", "read_pools", "unpack_place"]

POOL_BYTES = 128 << 20  # at most, if the pool has several rows


class Place(NamedTuple):
    """Where a pool starts: the input's cursor, the rows to skip from there, and the number of the pool."""

    before: Cursor
    skipped: int
    number: int


def unpack_place(cursor: Cursor) -> tuple[Place, int]:
    """Return where a pool starts, and how much of it has been emitted.

    Raises:
        UsageError: The cursor is not of a stage that reads pools.
    """
    place, emitted = unpack_cursor(cursor, list(Place(None, 0, 0)), 0)
    return Place(*unpack_cursor(place, None, 0, 0)), emitted


class Pool(NamedTuple):
    """Consecutive rows of a stream.

    Attributes:
        batches: The rows.
        lengths: A length of each row, int64 [rows].
        start: Where the pool starts.
        end: Where the next pool starts.
    """

    batches: list[pa.RecordBatch]
    lengths: NDArray[np.int64]
    start: Place
    end: Place


Pools = Generator[Pool, None, None]
Measure = Callable[[pa.RecordBatch], NDArray[np.int64]]


class _Builder:
    """A pool that is being filled."""

    def __init__(self, budget: int, counts_rows: bool) -> None:
        self.batches: list[pa.RecordBatch] = []
        self._lengths: list[NDArray[np.int64]] = []
        self._budget = budget
        self._bytes = 0.0
        self._counts_rows = counts_rows

    def add(self, batch: pa.RecordBatch, lengths: NDArray[np.int64]) -> int:
        """Add the rows of a batch that fit, at least one to an empty pool; return their number."""
        row_bytes = count_bytes(batch) / batch.num_rows
        fit = min(self._count_fitting(lengths), int((POOL_BYTES - self._bytes) / max(row_bytes, 1.0)))
        fit = max(fit, 0 if self.batches else 1)
        if fit:
            fit = min(fit, batch.num_rows)
            self.batches.append(batch.slice(0, fit))
            self._lengths.append(lengths[:fit])
            self._budget -= fit if self._counts_rows else int(lengths[:fit].sum())
            self._bytes += fit * row_bytes
        return fit

    def _count_fitting(self, lengths: NDArray[np.int64]) -> int:
        if self._counts_rows:
            return self._budget
        return int(np.searchsorted(np.cumsum(lengths), self._budget, side="right"))

    def build(self, start: Place, end: Place) -> Pool:
        return Pool(self.batches, np.concatenate(self._lengths), start, end)


def read_pools(
    upstream: Upstream, epoch: int, start: Place, measure: Measure, *, rows: int | None, total: int
) -> Pools:
    """Read pools that end before they exceed a number of rows, a total length, or 128 MiB.

    Where pools end depends on the rows after `start` alone, and on the batches of the input for the limit in
    bytes, so that reading on from the start of a pool yields the same pools.

    Args:
        upstream: The input.
        epoch: The epoch of the input.
        start: Where to start.
        measure: Returns the length of each row.
        rows: The largest number of rows of a pool; None to limit the total length instead.
        total: The largest sum of lengths of a pool with several rows, if `rows` is None.
    """
    before, skipped, number = start
    counts_rows = rows is not None
    budget = total if rows is None else rows
    builder = _Builder(budget, counts_rows)
    with closing(upstream(epoch, before)) as steps:
        for step in steps:
            lengths = measure(step.batch)
            while skipped < step.batch.num_rows:
                skipped += builder.add(step.batch.slice(skipped), lengths[skipped:])
                if skipped < step.batch.num_rows:
                    end = Place(before, skipped, number + 1)
                    yield builder.build(start, end)
                    builder, start, number = _Builder(budget, counts_rows), end, number + 1
            before, skipped = step.cursor, skipped - step.batch.num_rows
    if builder.batches:
        yield builder.build(start, Place(before, 0, number + 1))
