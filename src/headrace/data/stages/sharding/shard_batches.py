"""Keep every n-th run of rows, so that n workers together make the batches of one."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import numpy as np

from headrace.data.pipeline import Cursor, Stage, Step, Steps, Upstream
from headrace.data.plan import DerivedOrder, Numbers, RowOrder, RowRange, equal_run
from headrace.data.plan.steps import unpack_cursor
from headrace.data.rows import concatenate


@dataclass(frozen=True)
class ShardBatches(Stage):
    """Keep runs `index`, `index + count`, ... of `size` rows: the rows of these batches of `batch(size)`.

    Of a source that is read in blocks (Parquet), a shard has one of equal sequences of runs, so that it reads
    only its share of the blocks.
    """

    index: int
    count: int
    size: int

    @property
    def spec(self) -> str:
        """The number of the shard and of all shards, and the rows per run."""
        return f"shard_batches({self.index}, {self.count}, rows={self.size})"

    def plan(self, order: RowOrder) -> RowOrder:
        """Divide the positions of each epoch."""
        if not order.in_blocks:
            return ShardedRuns(order, self.index, self.count, self.size)
        first, stop = equal_run(-(-order.num_rows // self.size), self.index, self.count)
        return RowRange(order, first * self.size, min(stop * self.size, order.num_rows))

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the rows of this shard in order.

        A cursor is that of the input, and the number of its next row within `count` runs.
        """
        cycle = self.size * self.count
        start, place = unpack_cursor(cursor, None, 0)
        with closing(upstream(epoch, start)) as steps:
            for step in steps:
                rows = step.batch.num_rows
                begin = self.index * self.size - place
                if begin + self.size <= 0:
                    begin += cycle
                place = (place + rows) % cycle
                runs = [(max(run, 0), min(run + self.size, rows)) for run in range(begin, rows, cycle)]
                if runs:
                    kept = [step.batch.slice(first, stop - first) for first, stop in runs]
                    yield Step(concatenate(kept), [step.cursor, place])

    def count_rows(self, rows: int | None) -> int | None:
        """Return the number of rows of this shard."""
        return None if rows is None else _count_rows(rows, self.index, self.count, self.size)


@dataclass(frozen=True)
class ShardedRuns(DerivedOrder):
    """Runs `index`, `index + count`, ... of `size` positions of each epoch."""

    base: RowOrder
    index: int
    count: int
    size: int

    @property
    def num_rows(self) -> int:
        """The number of positions."""
        return _count_rows(self.base.num_rows, self.index, self.count, self.size)

    def at(self, epoch: int, positions: Numbers) -> Numbers:
        """Return the row numbers in the runs."""
        run, place = np.divmod(positions, self.size)
        return self.base.at(epoch, (run * self.count + self.index) * self.size + place)


def _count_rows(rows: int, index: int, count: int, size: int) -> int:
    cycles, rest = divmod(rows, count * size)
    return cycles * size + min(max(rest - index * size, 0), size)
