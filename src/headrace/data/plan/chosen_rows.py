"""Rows chosen once and for all: their order may change with the epoch, the choice does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headrace.cached_property import cached_property
from headrace.data.plan.permutation import permute
from headrace.data.plan.row_order import DerivedOrder, Numbers, RowOrder, RowRange
from headrace.data.plan.shuffled_rows import ShuffledBlocks

__all__ = ["ListedRows", "choose_range", "choose_rows"]


def choose_range(order: RowOrder, start: int, stop: int) -> RowOrder:
    """Choose the positions from `start` to `stop` of epoch 0."""
    stop = min(stop, order.num_rows)
    start = min(start, stop)
    if order.seed is None:
        return RowRange(order, start, stop)
    return choose_rows(order, np.arange(start, stop))


def choose_rows(order: RowOrder, positions: Numbers) -> RowOrder:
    """Choose positions, int64 [n] ascending, of epoch 0; later epochs of a shuffled order reorder them."""
    if isinstance(order, ChosenRows):
        return ChosenRows(order.base, order.positions[positions])
    if order.seed is None:
        is_range = len(positions) and positions[-1] - positions[0] == len(positions) - 1
        first = int(positions[0]) if is_range else 0
        return RowRange(order, first, first + len(positions)) if is_range else ListedRows(order, positions)
    return ChosenRows(order, positions)


@dataclass(frozen=True, eq=False)
class ListedRows(DerivedOrder):
    """Listed positions of an order that is the same in every epoch.

    Attributes:
        base: The order.
        positions: int64 [n], ascending if `base` lies in blocks.
    """

    base: RowOrder
    positions: Numbers

    @property
    def num_rows(self) -> int:
        """The number of positions."""
        return len(self.positions)

    def at(self, epoch: int, positions: Numbers) -> Numbers:
        """Return the row numbers at the listed positions."""
        return self.base.at(epoch, self.positions[positions])

    @property
    def blocks(self) -> Numbers | None:
        """The blocks of the base, as far as their rows are listed."""
        blocks = self.base.blocks
        return None if blocks is None else np.unique(np.searchsorted(self.positions, blocks))


@dataclass(frozen=True, eq=False)
class ChosenRows(DerivedOrder):
    """Positions of epoch 0 of a shuffled order, in that order in epoch 0 and reordered in each later one.

    Attributes:
        base: A shuffled order.
        positions: The positions in epoch 0, int64 [n].
    """

    base: RowOrder
    positions: Numbers

    @property
    def num_rows(self) -> int:
        """The number of positions."""
        return len(self.positions)

    def at(self, epoch: int, positions: Numbers) -> Numbers:
        """Return the row numbers of the chosen rows, in the order of `epoch`."""
        if epoch == 0:
            return self.base.at(0, self.positions[positions])
        if self._reordered is not None:
            return self._reordered.at(epoch, positions)
        assert self.seed is not None
        return self.base.at(0, self.positions[permute(positions, self.num_rows, self.seed, epoch)])

    def in_source_order(self) -> RowOrder:
        """Return the chosen rows, ascending where they lie in blocks."""
        return self._ascending or ListedRows(self.base.in_source_order(), self.positions)

    def divide(self, index: int, shards: int) -> RowOrder:
        """Return every `shards`-th row of each epoch, or a run of the reordered blocks."""
        return (self._reordered or super()).divide(index, shards)

    @cached_property
    def _ascending(self) -> ListedRows | None:
        """The chosen rows in the order of the source, so that those of a block follow each other."""
        if not isinstance(self.base, ShuffledBlocks):
            return None
        whole = self.base.base
        rows = np.sort(self.base.at(0, self.positions))
        return ListedRows(whole, np.searchsorted(whole.at(0, np.arange(whole.num_rows)), rows))

    @cached_property
    def _reordered(self) -> ShuffledBlocks | None:
        """The order of epochs from 1 on where rows lie in blocks."""
        if self._ascending is None or not isinstance(self.base, ShuffledBlocks):
            return None
        return ShuffledBlocks(self._ascending, self.base.seed, self.base.window_rows)
