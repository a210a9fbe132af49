"""Shuffle rows."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import ClassVar, NamedTuple

import numpy as np
import pyarrow as pa

from headrace.data.pipeline import Cursor, RowEffect, Sparse, SparseStream, Stage, Step, Steps, Upstream
from headrace.data.plan import RowOrder, Window, shuffle_order
from headrace.data.plan.steps import unpack_cursor
from headrace.data.rows import RowPool, count_bytes
from headrace.random_order import random_order, shuffle_source

_OUTPUT_ROWS = 4096  # rows per output batch, so that later stages work on small batches
_OUTPUT_BYTES = 8 << 20


@dataclass(frozen=True)
class Shuffle(Stage):
    """Mix rows, differently in each epoch.

    Where the source can read rows by number, the order is a uniform permutation of all rows and no row waits
    in memory. Where it reads blocks of rows (the row groups of Parquet files), the blocks are permuted, and
    rows are mixed within windows of whole blocks. Other rows are mixed in pools that hold one window: a pool
    is filled, emitted in random order, and dropped; the first one ends at a random row, so that the borders
    of pools differ between epochs. Data that fits into the window is permuted uniformly.

    Memory: the window, and one output batch of at most 8 MiB or one row. The order is a function of `seed`
    and the epoch alone, on every platform and with every version of NumPy.
    """

    reorders: ClassVar[bool] = True
    moves_below: ClassVar[frozenset[RowEffect]] = frozenset({"same", "fewer"})

    seed: int
    window: Window = field(default_factory=Window)

    @property
    def spec(self) -> str:
        """The seed and the window, which determine the order."""
        return f"shuffle({', '.join(filter(None, [f'seed={self.seed}', str(self.window)]))})"

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
        by_bytes = self.window if self.window.bytes is None else replace(self.window, rows=None)
        return shuffle_order(order, self.seed, by_bytes.count_rows(order.row_bytes))

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the rows in the order of `epoch`.

        A cursor says where the pool starts in the input, its number, and the number of rows it has emitted.
        Where the input can read some of its rows, it also says what `_Whole` has, and the rest of a pool is
        emitted without filling it.
        """
        before, start, number, emitted, *parts = unpack_cursor(cursor, None, 0, 0, 0, 0, 0, None, 0)
        whole = _Whole(*parts)
        if whole.rows and isinstance(upstream, SparseStream):
            place = _Place(before, start, number, emitted)
            emitted = yield from self._emit_rest(upstream.source, epoch, place, whole)
            if emitted == whole.rows:
                before, start, number, emitted = whole.after, whole.skipped, number + 1, 0
        is_sparse = isinstance(upstream, SparseStream)
        pool = _Pool(self.window)
        with closing(upstream(epoch, before)) as steps:
            for step in steps:
                pool.append(_Piece.cut(step.batch, before, start))
                before, start = step.cursor, 0
                while not pool.fits:
                    size = pool.count_fitting()
                    if number == 0:
                        size = 1 + int(shuffle_source(self.seed, epoch).random_raw() % size)
                    # No variable holds the drawn pieces: they must be gone when the next pool is filled.
                    yield from self._emit(pool.draw(size), pool.start, epoch, number, emitted, is_sparse)
                    number, emitted = number + 1, 0
        if pool.rows:
            yield from self._emit(pool.draw(pool.rows), (before, 0), epoch, number, emitted, is_sparse)

    def _emit(
        self,
        pieces: list[_Piece],
        end: tuple[Cursor, int],
        epoch: int,
        number: int,
        emitted: int,
        is_sparse: bool,
    ) -> Steps:
        """Yield the rows of a pool from the `emitted`-th on; `end` is where the next pool starts."""
        rows = RowPool([piece.batch for piece in pieces])
        order = random_order(rows.num_rows, shuffle_source(self.seed, epoch, number))
        output = _choose_output_rows(sum(piece.bytes for piece in pieces) / rows.num_rows)
        whole = _Whole(rows.num_rows, output, *end)
        for first in range(emitted, len(order), output):
            last = min(first + output, len(order))
            place = _Place(pieces[0].before, pieces[0].start, number, last)
            yield Step(rows.take(order[first:last]), whole.describe(place, is_sparse))

    def _emit_rest(
        self, source: Sparse, epoch: int, place: _Place, whole: _Whole
    ) -> Generator[Step, None, int]:
        """Yield the rest of a pool: the rows of one batch, of two, of four and so on are read by number.

        Returns:
            The number of rows that were emitted; less than all if the pool must be filled.
        """
        order = random_order(whole.rows, shuffle_source(self.seed, epoch, place.number))
        size = whole.output
        while place.emitted < whole.rows:
            drawn = order[place.emitted : place.emitted + size]
            rows = np.sort(drawn)
            batches = source.read_some(place.before, place.start + rows)
            if batches is None:
                break
            pool = RowPool(batches)
            for first in range(0, len(drawn), whole.output):
                chosen = drawn[first : first + whole.output]
                place = place._replace(emitted=place.emitted + len(chosen))
                batch = pool.take(np.searchsorted(rows, chosen))
                yield Step(batch, whole.describe(place, is_sparse=True))
            size *= 2
        return place.emitted


class _Place(NamedTuple):
    """Where a pool starts, its number, and the number of rows it has emitted."""

    before: Cursor
    start: int
    number: int
    emitted: int


class _Whole(NamedTuple):
    """The rows of a pool, those of an output batch, and where the next pool starts."""

    rows: int
    output: int
    after: Cursor
    skipped: int

    def describe(self, place: _Place, is_sparse: bool) -> list[Cursor]:
        """Return the cursor of a place in the pool; see `Shuffle.stream`."""
        if place.emitted == self.rows:
            return [self.after, self.skipped, place.number + 1, 0, 0, 0, None, 0]
        return [*place, *(self if is_sparse else (0, 0, None, 0))]


class _Piece(NamedTuple):
    """Rows in the pool: a batch from row `start` on, and the cursor of the input in front of the batch."""

    batch: pa.RecordBatch
    before: Cursor
    start: int
    bytes: int

    @classmethod
    def cut(cls, batch: pa.RecordBatch, before: Cursor, start: int, rows: int | None = None) -> _Piece:
        """Cut `rows` rows, or all, from row `start` of a batch."""
        piece = batch.slice(start, rows)
        return cls(piece, before, start, count_bytes(piece))

    def divide(self, rows: int) -> tuple[_Piece, _Piece]:
        """Divide after `rows` rows."""
        head, tail = self.cut(self.batch, self.before, 0, rows), self.cut(self.batch, self.before, rows)
        return head._replace(start=self.start), tail._replace(start=self.start + rows)


class _Pool:
    """Rows of the input, of about one window."""

    def __init__(self, window: Window) -> None:
        self.rows = 0
        self._window = window
        self._bytes = 0
        self._pieces: deque[_Piece] = deque()

    @property
    def fits(self) -> bool:
        """Whether the rows fit into the window."""
        return self._window.fits(self.rows, self._bytes)

    @property
    def start(self) -> tuple[Cursor, int]:
        """Where the first row lies in the input: the cursor in front of its batch, and the row there."""
        return self._pieces[0].before, self._pieces[0].start

    def append(self, piece: _Piece) -> None:
        """Add a piece at the end, unless it has no rows."""
        if piece.batch.num_rows:
            self._pieces.append(piece)
            self.rows += piece.batch.num_rows
            self._bytes += piece.bytes

    def count_fitting(self) -> int:
        """Count the rows from the first on that fit into the window, at least 1; they do not all fit."""
        rows = size = 0
        for piece in self._pieces:
            if not self._window.fits(rows + piece.batch.num_rows, size + piece.bytes):
                return rows + self._count_fitting_of(piece, rows, size)
            rows, size = rows + piece.batch.num_rows, size + piece.bytes
        return rows

    def _count_fitting_of(self, piece: _Piece, rows: int, size: int) -> int:
        """Count the rows of a piece that fit into the window after `rows` rows of `size` bytes."""

        def exceeds(count: int) -> bool:
            return not self._window.fits(rows + count, size + count_bytes(piece.batch.slice(0, count)))

        return bisect_left(range(1, piece.batch.num_rows + 1), True, key=exceeds)

    def draw(self, rows: int) -> list[_Piece]:
        """Remove the first `rows` rows."""
        drawn: list[_Piece] = []
        while rows:
            piece = self._pieces.popleft()
            self.rows -= piece.batch.num_rows
            self._bytes -= piece.bytes
            if piece.batch.num_rows > rows:
                piece, rest = piece.divide(rows)
                self._pieces.appendleft(rest)
                self.rows += rest.batch.num_rows
                self._bytes += rest.bytes
            rows -= piece.batch.num_rows
            drawn.append(piece)
        return drawn


def _choose_output_rows(row_bytes: float) -> int:
    """Choose a power of two, which a batch size often divides or is a multiple of."""
    rows = max(1, min(_OUTPUT_ROWS, int(_OUTPUT_BYTES / max(row_bytes, 1.0))))
    return 1 << (rows.bit_length() - 1)
