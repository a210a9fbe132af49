"""Pools of rows that all lie in memory, by their numbers: no row is copied into a pool."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from headrace.data.plan import DerivedOrder, PooledRows, RepeatedRows, RowOrder, RowReader
from headrace.data.plan.steps import unpack_count
from headrace.data.rows import RowPool, count_bytes
from headrace.data.stages.sequences.lengths import measure_lengths
from headrace.data.stages.sequences.pools import POOL_BYTES, Place, Pool

__all__ = ["find_lengths", "number_pools"]

Numbers = NDArray[np.int64]

_lengths: WeakKeyDictionary[RowPool, dict[str, Numbers]] = WeakKeyDictionary()


def find_lengths(reader: RowReader, order: RowOrder, column: str) -> tuple[RowPool, Numbers] | None:
    """Find the lengths of all rows of a reader, int64 [rows], with the rows.

    None if the rows do not lie in memory, or could fill a pool by their bytes: where such a pool ends depends
    on the batches of a stream.
    """
    if not isinstance(reader, PooledRows) or reader.pool is None:
        return None
    rows = reader.pool
    if sum(map(count_bytes, rows.batches)) * _count_passes(order) > POOL_BYTES:
        return None
    known = _lengths.setdefault(rows, {})
    if column not in known:
        parts = [measure_lengths(batch, column) for batch in rows.batches]
        known[column] = np.concatenate([np.zeros(0, np.int64), *parts])
    return rows, known[column]


def _count_passes(order: RowOrder) -> int:
    """Count how often an order may have a row."""
    passes = 1
    while isinstance(order, DerivedOrder):
        passes *= order.times if isinstance(order, RepeatedRows) else 1
        order = order.base
    return passes


def number_pools(
    lengths: Numbers, order: RowOrder, epoch: int, start: Place, *, rows: int | None, total: int
) -> Iterator[tuple[Numbers, Pool]]:
    """Yield the pools that `read_pools` reads of these rows, without batches, and the numbers of their rows.

    Args:
        lengths: The length of each row.
        order: The order of the rows.
        epoch: The epoch.
        start: Where to start; its cursor is a position in the order.
        rows: The largest number of rows of a pool; None to limit the total length instead.
        total: The largest sum of lengths of a pool with several rows, if `rows` is None.
    """
    position, number = unpack_count(start.before) + start.skipped, start.number
    size = rows or 4096
    while position < order.num_rows:
        stop = min(position + size, order.num_rows)
        numbers = order.at(epoch, np.arange(position, stop))
        if rows is None:
            fit = max(int(np.searchsorted(np.cumsum(lengths[numbers]), total, "right")), 1)
            if fit == len(numbers) and stop < order.num_rows:
                size *= 2
                continue
            numbers = numbers[:fit]
        end = Place(position + len(numbers), 0, number + 1)
        yield numbers, Pool([], lengths[numbers], Place(position, 0, number), end)
        position, number = end.before, end.number
