"""Shuffle rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from headrace.data.pipeline import Stage
from headrace.data.rows import concatenate, split_rows, take_rows
from headrace.random_order import random_order, random_source

_OUTPUT_ROWS = 4096  # rows per output batch, so that later stages work on small batches


@dataclass(frozen=True)
class Shuffle(Stage):
    """Mix rows through a pool of `window` rows.

    A full pool is permuted, half of it is emitted, and input refills it: a row can move up to one window
    forward and any distance back. Data of at most `window` rows is permuted uniformly. Memory: at most twice
    the pool, so 2 x `window` rows.

    The order is a function of `seed` and the epoch alone, on every platform and with every version of NumPy.
    """

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

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows in the order of `epoch`."""
        random = random_source(self.seed, epoch)
        pool: list[pa.RecordBatch] = []
        rows = 0
        for whole in batches:
            for batch in split_rows(whole, max(1, self.window - self.window // 2)):
                if rows + batch.num_rows > self.window:
                    emitted, kept = _draw(concatenate(pool), random, max(1, rows // 2))
                    yield from split_rows(emitted, _OUTPUT_ROWS)
                    pool, rows = [kept], kept.num_rows
                pool.append(batch)
                rows += batch.num_rows
        if rows:
            emitted, _ = _draw(concatenate(pool), random, rows)
            yield from split_rows(emitted, _OUTPUT_ROWS)


def _draw(pool: pa.RecordBatch, random: np.random.PCG64, rows: int) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Draw `rows` random rows from the pool; return them and the rest."""
    order = random_order(pool.num_rows, random)
    return take_rows(pool, order[:rows]), take_rows(pool, order[rows:])
