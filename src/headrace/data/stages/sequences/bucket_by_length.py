"""Batch rows of similar length together."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from headrace.data.pipeline import Cursor, Gather, Stage, Step, Steps, Upstream
from headrace.data.plan import RowOrder, RowReader
from headrace.data.rows import RowPool
from headrace.data.stages.sequences.lengths import measure_lengths
from headrace.data.stages.sequences.numbered_pools import find_lengths, number_pools
from headrace.data.stages.sequences.pools import Pool, read_pools, unpack_place
from headrace.random_order import random_order, shuffle_source


@dataclass(frozen=True)
class BucketByLength(Stage):
    """Batch rows of similar length, so that padding adds few cells; the batches are in random order.

    The rows of a pool of about `pool` batches are sorted by length and cut into batches: of `batch_size`
    rows, or of as many rows as have at most `tokens` cells after padding. A row of more than `tokens` has a
    batch of its own. A pool is at most 128 MiB. Its batches leave in a random order of `seed` and the epoch;
    then the next pool is filled. Equal lengths keep their order, so shuffle first.

    The idea is that of `tf.data.Dataset.bucket_by_sequence_length` and fairseq's `max_tokens`, without
    boundaries to choose.
    """

    varies: ClassVar[bool] = True

    column: str
    batch_size: int | None
    tokens: int | None
    pool: int
    seed: int

    @property
    def spec(self) -> str:
        """All fields, which determine the batches."""
        size = f"tokens={self.tokens}" if self.batch_size is None else f"batch_size={self.batch_size}"
        return f"bucket_by_length({self.column!r}, {size}, pool={self.pool}, seed={self.seed})"

    @property
    def per_part(self) -> tuple[Stage, ...]:
        """Nothing: the rows do not change."""
        return ()

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the batches of one pool after the other.

        A cursor says where the pool starts, and the number of batches it has emitted.

        Raises:
            SchemaError: The column does not exist, or has no lengths.
        """
        start, emitted = unpack_place(cursor)
        measure = partial(measure_lengths, column=self.column)
        rows, total = self._limits
        with closing(read_pools(upstream, epoch, start, measure, rows=rows, total=total)) as pools:
            for pool in pools:
                yield from self._emit(pool, RowPool(pool.batches).take, epoch, emitted)
                emitted = 0
                del pool  # or the next one is filled beside it

    def open_rows(
        self, reader: RowReader, order: RowOrder, later: Stage | None = None
    ) -> tuple[Upstream, int] | None:
        """Gather each batch from all rows, where these lie in memory and no pool is limited by its bytes."""
        found = find_lengths(reader, order, self.column)
        if found is None:
            return None
        rows, lengths = found
        gather = None if later is None else later.gather(rows)
        return partial(self._stream_rows, gather or rows.take, lengths, order), 1 if gather is None else 2

    def _stream_rows(
        self, gather: Gather, lengths: NDArray[np.int64], order: RowOrder, epoch: int, cursor: Cursor
    ) -> Steps:
        start, emitted = unpack_place(cursor)
        rows, total = self._limits
        for numbers, pool in number_pools(lengths, order, epoch, start, rows=rows, total=total):
            yield from self._emit(pool, gather, epoch, emitted, numbers)
            emitted = 0

    @property
    def _limits(self) -> tuple[int | None, int]:
        """The rows of a pool, or else its total length."""
        rows = None if self.batch_size is None else self.pool * self.batch_size
        return rows, self.pool * (self.tokens or 0)

    def _emit(
        self, pool: Pool, gather: Gather, epoch: int, emitted: int, numbers: NDArray[np.int64] | None = None
    ) -> Steps:
        """Yield the batches of a pool from the `emitted`-th on.

        Args:
            pool: The pool.
            gather: Gathers rows by number.
            epoch: The epoch.
            emitted: The batches that have been emitted.
            numbers: The number of each row of the pool for `gather`; None if these are 0, 1, and so on.
        """
        batches = self._divide(pool.lengths)
        if numbers is not None:
            batches = [numbers[batch] for batch in batches]
        order = random_order(len(batches), shuffle_source(self.seed, epoch, pool.start.number))
        for place in range(emitted, len(batches)):
            is_last = place + 1 == len(batches)
            position = [list(pool.end), 0] if is_last else [list(pool.start), place + 1]
            yield Step(gather(batches[order[place]]), position, is_owned=numbers is not None)

    def _divide(self, lengths: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Divide rows into batches, the longest rows first; in a batch, rows keep their order."""
        order = np.argsort(-lengths, kind="stable")
        bounds = self._find_bounds(lengths[order])
        return [np.sort(order[first:last]) for first, last in pairwise(bounds)]

    def _find_bounds(self, lengths: NDArray[np.int64]) -> list[int]:
        """Find where batches of descending lengths start and end."""
        if self.batch_size is not None:
            return [*range(0, len(lengths), self.batch_size), len(lengths)]
        bounds = [0]
        while bounds[-1] < len(lengths):
            longest = max(int(lengths[bounds[-1]]), 1)
            bounds.append(bounds[-1] + max((self.tokens or 0) // longest, 1))
        bounds[-1] = len(lengths)
        return bounds
