"""Take every n-th row, for one of n workers."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from headrace.data.pipeline import Cursor, Stage, Step, Steps, Upstream
from headrace.data.plan import DerivedOrder, Numbers, RowOrder
from headrace.data.plan.steps import unpack_cursor
from headrace.data.rows import take_rows
from headrace.errors import SchemaError


@dataclass(frozen=True)
class Shard(Stage):
    """Keep rows `index`, `index + shards`, ... of each epoch: disjoint shards that differ by at most one row.

    After `shuffle`, with the same seed in every worker, the workers share the order of each epoch: together
    they read the same global batches whatever their number. Of a source that is read in blocks (Parquet), a
    shard has one of equal runs of the blocks, so that it reads only its share.

    Attributes:
        index: The number of the shard.
        count: The number of shards.
        mask: The name of a boolean column to add; then all shards have equally many rows. It is false in the
            row that a shorter shard repeats. None: shards differ by at most one row.
    """

    index: int
    count: int
    mask: str | None = None

    @property
    def spec(self) -> str:
        """The number of the shard and of all shards, and the mask."""
        return f"shard({self.index}, {self.count}{f', mask={self.mask!r}' if self.mask else ''})"

    @property
    def shards(self) -> int:
        """The number of shards."""
        return self.count

    def plan(self, order: RowOrder) -> RowOrder:
        """Divide the order of each epoch."""
        shard = order.divide(self.index, self.count)
        rows = -(-order.num_rows // self.count)
        return shard if self.mask is None else PaddedRows(shard, order, rows)

    def follow(self, order: RowOrder) -> Stage | None:
        """Return the stage that adds the mask."""
        if self.mask is None or not isinstance(order, PaddedRows):
            return None
        return _MarkPadding(self.mask, order.base.num_rows)

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the rows of this shard in order.

        A cursor is that of the input, the first row to keep by its number in the next batch, and whether the
        rows of the next batch have been read: with a mask, the last batch may be needed once more.
        """
        before, first, is_read = unpack_cursor(cursor, None, self.index, False)
        last: pa.RecordBatch | None = None
        with closing(upstream(epoch, before)) as steps:
            for step in steps:
                rows = np.arange(first, step.batch.num_rows, self.count)
                position = [before, first, True]
                first += len(rows) * self.count - step.batch.num_rows
                if self.mask is None:
                    position = [step.cursor, first, False]
                last = step.batch.slice(rows[-1] if len(rows) else step.batch.num_rows - 1, 1)
                if len(rows) and not is_read:
                    yield Step(self._mark(take_rows(step.batch, rows), is_real=True), position)
                before, is_read = step.cursor, False
        remainder = (self.index - first) % self.count
        if self.mask is not None and last is not None and 0 < remainder <= self.index:
            yield Step(self._mark(last, is_real=False), [before, first, False])

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Add the mask."""
        return self._mark(batch, is_real=True)

    def _mark(self, batch: pa.RecordBatch, *, is_real: bool) -> pa.RecordBatch:
        if self.mask is None:
            return batch
        return _add_mask(batch, self.mask, np.full(batch.num_rows, is_real))

    def count_rows(self, rows: int | None) -> int | None:
        """Return the number of rows of this shard."""
        if rows is None:
            return None
        return len(range(self.index, rows, self.count)) if self.mask is None else -(-rows // self.count)


@dataclass(frozen=True)
class PaddedRows(DerivedOrder):
    """A shard that repeats its last row up to a number of rows.

    Attributes:
        base: The shard.
        whole: The rows that are divided; a shard without rows repeats their last one.
        rows: The number of rows.
    """

    base: RowOrder
    whole: RowOrder
    rows: int

    @property
    def num_rows(self) -> int:
        """The number of rows, the repeated one included."""
        return self.rows

    def at(self, epoch: int, positions: Numbers) -> Numbers:
        """Return the row numbers, that of the last row for positions beyond it."""
        if not self.base.num_rows:
            return self.whole.at(epoch, np.full_like(positions, self.whole.num_rows - 1))
        return self.base.at(epoch, np.minimum(positions, self.base.num_rows - 1))


@dataclass(frozen=True)
class _MarkPadding(Stage):
    """Add a boolean column that is false from row `real_rows` on."""

    mask: str
    real_rows: int

    @property
    def spec(self) -> str:
        """The column."""
        return f"mask({self.mask!r})"

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the batches with the mask; a cursor counts rows."""
        start, position = unpack_cursor(cursor, None, 0)
        with closing(upstream(epoch, start)) as steps:
            for step in steps:
                places = np.arange(position, position + step.batch.num_rows)
                position += step.batch.num_rows
                batch = _add_mask(step.batch, self.mask, places < self.real_rows)
                yield Step(batch, [step.cursor, position])


def _add_mask(batch: pa.RecordBatch, name: str, mask: np.ndarray) -> pa.RecordBatch:
    if name in batch.schema.names:
        raise SchemaError(
            "the rows already have a column of this name", feature=name, hint="name the mask otherwise"
        )
    return batch.append_column(pa.field(name, pa.bool_(), nullable=False), pa.array(mask))
