"""Shuffle rows."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import pyarrow as pa

from headrace.data.pipeline import Cursor, RowEffect, Stage, Step, Steps, Upstream
from headrace.data.plan import RowOrder, shuffle_order
from headrace.data.rows import concatenate, take_rows
from headrace.random_order import random_order, random_source

_OUTPUT_ROWS = 4096  # rows per output batch, so that later stages work on small batches


class _Piece(NamedTuple):
    """Rows in the pool: a batch from row `start` on, and the cursor of the input in front of the batch."""

    batch: pa.RecordBatch
    before: Cursor
    start: int


@dataclass(frozen=True)
class Shuffle(Stage):
    """Mix rows, differently in each epoch.

    Where the source can read rows by number, the order is a uniform permutation of all rows and no row waits
    in memory. Where it reads blocks of rows (the row groups of Parquet files), the blocks are permuted, and
    rows are mixed within windows of whole blocks. Other rows are mixed in pools of `window` rows: a pool is
    filled, emitted in random order, and dropped; the first one ends at a random row, so that the borders of
    pools differ between epochs. Data of at most `window` rows is permuted uniformly.

    The order is a function of `seed` and the epoch alone, on every platform and with every version of NumPy.
    """

    reorders: ClassVar[bool] = True
    moves_below: ClassVar[frozenset[RowEffect]] = frozenset({"same", "fewer"})

    seed: int
    window: int = 65536

    @property
    def spec(self) -> str:
        """The seed and the window, which determine the order."""
        return f"shuffle(seed={self.seed}, window={self.window})"

    @property
    def per_part(self) -> tuple[Stage, ...]:
        """Nothing: the rows do not change."""
        return ()

    @property
    def row_effect(self) -> RowEffect:
        """Rows change places."""
        return "other"

    def plan(self, order: RowOrder) -> RowOrder:
        """Permute the positions."""
        return shuffle_order(order, self.seed, self.window)

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the rows in the order of `epoch`.

        A cursor says where the pool starts in the input, its number, and the number of rows it has emitted.
        """
        before, start, number, emitted = cursor or (None, 0, 0, 0)
        pool: list[_Piece] = []
        rows = 0
        with closing(upstream(epoch, before)) as steps:
            for step in steps:
                if step.batch.num_rows > start:
                    pool.append(_Piece(step.batch.slice(start), before, start))
                    rows += step.batch.num_rows - start
                before, start = step.cursor, 0
                while rows > self.window:
                    size = self._pool_size(epoch, number)
                    drawn, pool = _divide(pool, size)
                    yield from self._emit(drawn, pool[0], epoch, number, emitted)
                    rows -= size
                    number, emitted = number + 1, 0
        if pool:
            end = _Piece(pool[0].batch, before, 0)
            yield from self._emit(pool, end, epoch, number, emitted)

    def _pool_size(self, epoch: int, number: int) -> int:
        if number:
            return self.window
        return 1 + int(random_source(self.seed, epoch).random_raw() % self.window)

    def _emit(self, pool: list[_Piece], end: _Piece, epoch: int, number: int, emitted: int) -> Steps:
        """Yield the rows of a pool from the `emitted`-th on; `end` is where the next pool starts."""
        whole = concatenate([piece.batch for piece in pool])
        order = random_order(whole.num_rows, random_source(self.seed, epoch, number))
        for first in range(emitted, len(order), _OUTPUT_ROWS):
            last = min(first + _OUTPUT_ROWS, len(order))
            position = [pool[0].before, pool[0].start, number, last]
            if last == len(order):
                position = [end.before, end.start, number + 1, 0]
            yield Step(take_rows(whole, order[first:last]), position)


def _divide(pool: list[_Piece], rows: int) -> tuple[list[_Piece], list[_Piece]]:
    """Divide a pool of more than `rows` rows after `rows` rows."""
    for place, piece in enumerate(pool):
        if rows < piece.batch.num_rows:
            head = piece._replace(batch=piece.batch.slice(0, rows))
            tail = _Piece(piece.batch.slice(rows), piece.before, piece.start + rows)
            return [*pool[:place], *([head] if rows else [])], [tail, *pool[place + 1 :]]
        rows -= piece.batch.num_rows
    raise AssertionError("the pool has no more rows")
