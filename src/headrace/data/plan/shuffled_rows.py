"""Shuffled orders: uniform where rows can be read one by one, by random blocks and a window elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from headrace.data.plan.permutation import permute
from headrace.data.plan.row_order import DerivedOrder, Numbers, RowOrder, equal_run

__all__ = ["ShuffledBlocks", "ShuffledRows", "shuffle_order"]


def shuffle_order(order: RowOrder, seed: int, window_rows: int) -> RowOrder:
    """Shuffle an order; rows that lie in blocks are mixed within windows of about `window_rows` rows."""
    ascending = order.in_source_order()
    if order.in_blocks and ascending.blocks is not None:
        return ShuffledBlocks(ascending, seed, window_rows)
    return ShuffledRows(order, seed)


@dataclass(frozen=True)
class ShuffledRows(DerivedOrder):
    """A uniform permutation of the base, another one in each epoch."""

    base: RowOrder
    shuffle_seed: int

    @property
    def seed(self) -> int:
        """The seed."""
        return self.shuffle_seed

    @property
    def num_rows(self) -> int:
        """The number of rows of the base."""
        return self.base.num_rows

    def describe(self) -> str:
        """Say that the order is uniform."""
        return f"a uniform permutation of {self.num_rows:,} rows"

    def at(self, epoch: int, positions: Numbers) -> Numbers:
        """Return the row numbers at the permuted positions."""
        return self.base.at(epoch, permute(positions, self.num_rows, self.shuffle_seed, epoch))


class _Layout(NamedTuple):
    """The permuted blocks of one epoch, and the windows over them.

    Attributes:
        starts: The first position of each block in the base, in permuted order.
        ends: The number of rows up to the end of each block, in permuted order.
        windows: The boundaries of the windows, in rows.
    """

    starts: Numbers
    ends: Numbers
    windows: Numbers


@dataclass(frozen=True)
class ShuffledBlocks(DerivedOrder):
    """Blocks in random order, and their rows permuted within windows of whole blocks.

    A window has about `window_rows` rows, at least one block. A shard is one of equal runs of the permuted
    blocks, so that it reads only its share of them.
    """

    base: RowOrder
    shuffle_seed: int
    window_rows: int
    index: int = 0
    shards: int = 1

    @property
    def seed(self) -> int:
        """The seed."""
        return self.shuffle_seed

    @property
    def num_rows(self) -> int:
        """The number of rows of the base, or of the shard."""
        first, last = equal_run(self.base.num_rows, self.index, self.shards)
        return last - first

    @property
    def in_blocks(self) -> bool:
        """True."""
        return True

    def describe(self) -> str:
        """Say that blocks are permuted, and rows within windows."""
        blocks = self.base.blocks
        count = 0 if blocks is None else len(blocks) - 1
        return (
            f"{count:,} blocks (row groups) of {self.num_rows:,} rows in random order, "
            f"rows mixed within windows of about {self.window_rows:,} rows"
        )

    def in_source_order(self) -> RowOrder:
        """Return the base; of a shard, the shard of the base."""
        return self.base if self.shards == 1 else self.base.divide(self.index, self.shards)

    def divide(self, index: int, shards: int) -> RowOrder:
        """Return a run of the permuted blocks."""
        return ShuffledBlocks(
            self.base, self.shuffle_seed, self.window_rows, self.index * shards + index, self.shards * shards
        )

    def at(self, epoch: int, positions: Numbers) -> Numbers:
        """Return the row numbers: permuted within their window, then looked up in the permuted blocks."""
        layout = self._layout(epoch)
        window = np.searchsorted(layout.windows, positions, "right") - 1
        places = np.empty_like(positions)
        for number in np.unique(window).tolist():
            chosen = window == number
            start, end = layout.windows[number : number + 2].tolist()
            places[chosen] = start + permute(
                positions[chosen] - start, end - start, self.shuffle_seed, epoch, number + 1
            )
        places += equal_run(self.base.num_rows, self.index, self.shards)[0]
        block = np.searchsorted(layout.ends, places, "right")
        before = np.append(0, layout.ends)[block]
        return self.base.at(epoch, layout.starts[block] + places - before)

    def _layout(self, epoch: int) -> _Layout:
        blocks = self.base.blocks
        assert blocks is not None
        return _arrange(blocks.tobytes(), self.shuffle_seed, epoch, self.window_rows, self.index, self.shards)


@lru_cache(maxsize=8)
def _arrange(boundaries: bytes, seed: int, epoch: int, window_rows: int, index: int, shards: int) -> _Layout:
    blocks = np.frombuffer(boundaries, np.int64)
    count = len(blocks) - 1
    order = permute(np.arange(count), count, seed, epoch, 0)
    ends = np.cumsum(np.diff(blocks)[order])
    first, last = equal_run(int(blocks[-1]), index, shards)
    borders = np.concatenate([[first], ends[(ends > first) & (ends < last)], [last]]) - first
    windows = [0]
    for border in borders[1:].tolist():
        if border - windows[-1] >= window_rows or border == last - first:
            windows.append(border)
    return _Layout(blocks[:-1][order], ends, np.array(windows, np.int64))
