"""Take every n-th row, for one of n workers."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import numpy as np

from headrace.data.pipeline import Cursor, Stage, Step, Steps, Upstream
from headrace.data.plan import RowOrder
from headrace.data.rows import take_rows


@dataclass(frozen=True)
class Shard(Stage):
    """Keep rows `index`, `index + shards`, ... of each epoch: disjoint shards that differ by at most one row.

    After `shuffle`, with the same seed in every worker, the workers share the order of each epoch: together
    they read the same global batches whatever their number. Of a source that is read in blocks (Parquet), a
    shard has one of equal runs of the blocks, so that it reads only its share.
    """

    index: int
    count: int

    @property
    def spec(self) -> str:
        """The number of the shard and of all shards."""
        return f"shard({self.index}, {self.count})"

    @property
    def shards(self) -> int:
        """The number of shards."""
        return self.count

    def plan(self, order: RowOrder) -> RowOrder:
        """Divide the order of each epoch."""
        return order.divide(self.index, self.count)

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the rows of this shard in order."""
        start, first = cursor or (None, self.index)  # the first row to keep, by its number in the next batch
        with closing(upstream(epoch, start)) as steps:
            for step in steps:
                rows = np.arange(first, step.batch.num_rows, self.count)
                first += len(rows) * self.count - step.batch.num_rows
                if len(rows):
                    yield Step(take_rows(step.batch, rows), [step.cursor, first])

    def count_rows(self, rows: int | None) -> int | None:
        """Return the number of rows of this shard."""
        return None if rows is None else len(range(self.index, rows, self.count))
