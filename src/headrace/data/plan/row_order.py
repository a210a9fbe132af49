"""The order in which rows are read: a sequence of row numbers for each epoch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headrace.cached_property import cached_property
from headrace.data.plan.row_reader import RowReader

__all__ = [
    "AllRows",
    "DerivedOrder",
    "Numbers",
    "RepeatedRows",
    "RowOrder",
    "RowRange",
    "ShardedRows",
    "equal_run",
]

Numbers = NDArray[np.int64]


def equal_run(size: int, index: int, shards: int) -> tuple[int, int]:
    """Return the bounds of one of `shards` runs of `size` positions, whose lengths differ by at most one."""
    return size * index // shards, size * (index + 1) // shards


class RowOrder(ABC):
    """A sequence of row numbers for each epoch, known by position without reading rows."""

    @property
    @abstractmethod
    def num_rows(self) -> int:
        """The length of the sequence, the same in every epoch."""

    @abstractmethod
    def at(self, epoch: int, positions: Numbers) -> Numbers:
        """Return the row numbers at these positions, int64 [n], of an epoch."""

    @property
    def start(self) -> int | None:
        """The first row number if rows follow each other in the order of the source; else None."""
        return None

    @property
    def seed(self) -> int | None:
        """The seed of the last shuffle; None if the order is the same in every epoch."""
        return None

    @property
    def blocks(self) -> Numbers | None:
        """The boundaries of runs of positions whose rows lie in one block of the reader.

        None if every row can be read by itself, or if the rows are not in the order of the source.
        """
        return None

    @property
    @abstractmethod
    def in_blocks(self) -> bool:
        """Whether the rows must be read in runs because they lie in blocks."""

    @property
    @abstractmethod
    def row_bytes(self) -> float:
        """The average size of a row in bytes; an estimate."""

    def describe(self) -> str:
        """Describe the order in a few words."""
        return (
            f"{self.num_rows:,} rows, {'the same order in every epoch' if self.seed is None else 'shuffled'}"
        )

    def in_source_order(self) -> RowOrder:
        """Return the same rows, ascending."""
        return self

    def divide(self, index: int, shards: int) -> RowOrder:
        """Return one of `shards` orders that together have each row once.

        It has every `shards`-th row, or, where rows lie in blocks, one of equal runs.
        """
        if self.in_blocks:
            return RowRange(self, *equal_run(self.num_rows, index, shards))
        return ShardedRows(self, index, shards)


class DerivedOrder(RowOrder):
    """An order of rows of another order, `base`."""

    base: RowOrder

    @property
    def seed(self) -> int | None:
        """The seed of the base."""
        return self.base.seed

    @property
    def in_blocks(self) -> bool:
        """As in the base."""
        return self.base.in_blocks

    @property
    def row_bytes(self) -> float:
        """The size in the base."""
        return self.base.row_bytes


@dataclass(frozen=True)
class AllRows(RowOrder):
    """All rows of a reader, in the order of the source."""

    reader: RowReader

    @cached_property
    def num_rows(self) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The number of rows of the reader."""
        return self.reader.num_rows

    def at(self, epoch: int, positions: Numbers) -> Numbers:  # noqa: ARG002
        """Return the positions."""
        return positions

    @property
    def start(self) -> int:
        """0."""
        return 0

    @property
    def blocks(self) -> Numbers | None:
        """The blocks of the reader."""
        return self.reader.blocks

    @property
    def in_blocks(self) -> bool:
        """Whether the reader has blocks."""
        return self.reader.blocks is not None

    @property
    def row_bytes(self) -> float:
        """The average size in the reader."""
        return self.reader.row_bytes


@dataclass(frozen=True)
class ShardedRows(DerivedOrder):
    """Positions `index`, `index + shards`, ... of each epoch."""

    base: RowOrder
    index: int
    shards: int

    @property
    def num_rows(self) -> int:
        """The number of positions."""
        return len(range(self.index, self.base.num_rows, self.shards))

    def at(self, epoch: int, positions: Numbers) -> Numbers:
        """Return the row numbers at `index + shards x positions`."""
        return self.base.at(epoch, positions * self.shards + self.index)

    @property
    def start(self) -> int | None:
        """That of the base if there is one shard."""
        return self.base.start if self.shards == 1 else None


@dataclass(frozen=True)
class RepeatedRows(DerivedOrder):
    """Several epochs of the base, one after the other; no epoch is repeated."""

    base: RowOrder
    times: int

    @property
    def num_rows(self) -> int:
        """`times` the number of rows."""
        return self.base.num_rows * self.times

    def at(self, epoch: int, positions: Numbers) -> Numbers:
        """Return the row numbers of epochs `epoch * times` to `epoch * times + times - 1` of the base."""
        passes, places = np.divmod(positions, max(self.base.num_rows, 1))
        if self.base.seed is None:
            return self.base.at(0, places)
        rows = np.empty_like(positions)
        for number in np.unique(passes).tolist():
            chosen = passes == number
            rows[chosen] = self.base.at(epoch * self.times + number, places[chosen])
        return rows

    @property
    def blocks(self) -> Numbers | None:
        """The blocks of each pass."""
        blocks = self.base.blocks
        if blocks is None or self.base.seed is not None:
            return None
        passes = np.arange(self.times)[:, None] * self.base.num_rows
        return np.append(0, (blocks[1:] + passes).ravel())

    def in_source_order(self) -> RowOrder:
        """Return the passes in the order of the source."""
        return RepeatedRows(self.base.in_source_order(), self.times)


@dataclass(frozen=True)
class RowRange(DerivedOrder):
    """Consecutive positions of an order that is the same in every epoch."""

    base: RowOrder
    first: int
    stop: int

    @property
    def num_rows(self) -> int:
        """The number of positions."""
        return self.stop - self.first

    def at(self, epoch: int, positions: Numbers) -> Numbers:
        """Return the row numbers of the base, `first` positions later."""
        return self.base.at(epoch, positions + self.first)

    @property
    def start(self) -> int | None:
        """The first row number, if the base is in the order of the source."""
        start = self.base.start  # asked once: ranges of ranges would ask twice as often with each one
        return None if start is None else start + self.first

    @property
    def blocks(self) -> Numbers | None:
        """The part of the blocks of the base."""
        blocks = self.base.blocks
        return None if blocks is None else np.unique(np.clip(blocks, self.first, self.stop)) - self.first
