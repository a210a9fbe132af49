"""Rows in random order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from headrace.data.pipeline import Stage
from headrace.data.rows import cut, join, pick
from headrace.random_order import random_order, random_source

_PIECE = 4096  # rows: what leaves the pool at once is cut to this, so that later stages work on small batches


@dataclass(frozen=True)
class Shuffle(Stage):
    """Mix rows through a pool of `window` rows.

    A full pool is put in random order, half of it leaves, and input refills it: a row can come up to one
    window early and any distance late. Data of at most `window` rows is permuted uniformly. Memory: the pool
    twice over at most, so 2 x `window` rows.

    The order is a function of `seed` and the epoch alone, the same on every platform and NumPy version.
    """

    seed: int
    window: int = 65536

    @property
    def spec(self) -> str:
        """The seed and the window decide the order."""
        return f"shuffle(seed={self.seed}, window={self.window})"

    @property
    def on_parts(self) -> tuple[Stage, ...]:
        """Nothing: the rows stay the same."""
        return ()

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:
        """The rows of `batches` in the order of `epoch`."""
        random = random_source(self.seed, epoch)
        pool: list[pa.RecordBatch] = []
        rows = 0
        for whole in batches:
            for batch in cut(whole, max(1, self.window - self.window // 2)):
                if rows + batch.num_rows > self.window:
                    leaving, staying = _split(join(pool), random, max(1, rows // 2))
                    yield from cut(leaving, _PIECE)
                    pool, rows = [staying], staying.num_rows
                pool.append(batch)
                rows += batch.num_rows
        if rows:
            leaving, _ = _split(join(pool), random, rows)
            yield from cut(leaving, _PIECE)


def _split(
    pool: pa.RecordBatch, random: np.random.PCG64, leaving: int
) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    order = random_order(pool.num_rows, random)
    return pick(pool, order[:leaving]), pick(pool, order[leaving:])
