"""Take every n-th row, for one of n workers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from headrace.data.pipeline import Stage
from headrace.data.rows import take_rows


@dataclass(frozen=True)
class Shard(Stage):
    """Keep rows `index`, `index + shards`, ...: shards are disjoint and differ by at most one row.

    Put it before `shuffle`, or use the same shuffle seed in every worker.
    """

    index: int
    shards: int

    @property
    def spec(self) -> str:
        """The number of the shard and of all shards."""
        return f"shard({self.index}, {self.shards})"

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """Yield the rows of this shard in order."""
        first = self.index  # the first row to keep, by its number in the next batch
        for batch in batches:
            rows = np.arange(first, batch.num_rows, self.shards)
            first += len(rows) * self.shards - batch.num_rows
            if len(rows):
                yield take_rows(batch, rows)

    def count_rows(self, rows: int | None) -> int | None:
        """Return the number of rows of this shard."""
        return None if rows is None else len(range(self.index, rows, self.shards))
