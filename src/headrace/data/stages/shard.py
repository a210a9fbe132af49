"""Every n-th row, for one of n workers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from headrace.data.pipeline import Stage
from headrace.data.rows import pick


@dataclass(frozen=True)
class Shard(Stage):
    """Keep rows `index`, `index + shards`, ...: shards are disjoint and differ by one row at most.

    Put it before `shuffle`, or give every worker the same shuffle seed.
    """

    index: int
    shards: int

    @property
    def spec(self) -> str:
        """Which rows."""
        return f"shard({self.index}, {self.shards})"

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """This shard's rows in their order."""
        first = self.index  # the number, in the next batch, of the next row to keep
        for batch in batches:
            rows = np.arange(first, batch.num_rows, self.shards)
            first += len(rows) * self.shards - batch.num_rows
            if len(rows):
                yield pick(batch, rows)

    def count(self, rows: int | None) -> int | None:
        """An n-th of the rows, rounded so that all shards add up."""
        return None if rows is None else len(range(self.index, rows, self.shards))
