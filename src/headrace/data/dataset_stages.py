"""The methods of a dataset that append a stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import pyarrow as pa

from headrace.data.methods import ColumnMethods
from headrace.data.methods.arguments import check_flag, check_function, check_integer
from headrace.data.stages import Batch, Cache, Filter, Map, Prefetch, Repeat, Shard, Shuffle, Skip, Take
from headrace.errors import UsageError

__all__ = ["DatasetStages"]


class DatasetStages(ColumnMethods):
    """Methods that return a dataset with one more stage; those of `headrace.data.methods` among them."""

    def shuffle(self, seed: int, window: int = 65536) -> Self:
        """Shuffle rows, differently each epoch, through a pool of `window` rows in memory.

        Data of at most `window` rows is permuted uniformly. Lower `window` where rows are large.
        """
        return self.apply(Shuffle(check_integer(seed, "seed"), check_integer(window, "window", 1)))

    def map(self, function: Callable[[pa.RecordBatch], pa.RecordBatch], threads: int = 1) -> Self:
        """Call `function` on every batch, in order, on `threads` threads; it must keep the number of rows."""
        return self.apply(Map(check_function(function, "function"), check_integer(threads, "threads", 1)))

    def filter(self, keep: Callable[[pa.RecordBatch], Any]) -> Self:
        """Keep the rows for which `keep(batch)`, an array of one boolean per row, is true."""
        return self.apply(Filter(check_function(keep, "keep")))

    def batch(self, size: int, drop_remainder: bool = False) -> Self:
        """Rebatch to exactly `size` rows; the last batch is shorter, or dropped by `drop_remainder`."""
        drops = check_flag(drop_remainder, "drop_remainder")
        return self.apply(Batch(check_integer(size, "size", 1), drops))

    def take(self, rows: int) -> Self:
        """Keep the first `rows` rows."""
        return self.apply(Take(check_integer(rows, "rows")))

    def skip(self, rows: int) -> Self:
        """Drop the first `rows` rows."""
        return self.apply(Skip(check_integer(rows, "rows")))

    def prefetch(self, batches: int = 2) -> Self:
        """Compute up to `batches` batches in advance in a background thread."""
        return self.apply(Prefetch(check_integer(batches, "batches", 1)))

    def shard(self, index: int, shards: int) -> Self:
        """Keep rows `index`, `index + shards`, ...: one of `shards` disjoint subsets.

        Raises:
            UsageError: `index` is not in [0, shards).
        """
        index, shards = check_integer(index, "index"), check_integer(shards, "shards", 1)
        if index >= shards:
            raise UsageError(f"shard {index} of {shards}", hint="number the shards from 0 to shards - 1")
        return self.apply(Shard(index, shards))

    def repeat(self, times: int) -> Self:
        """Repeat the rows `times` times, each time in another order if shuffled."""
        return self.apply(Repeat(check_integer(times, "times", 1)))

    def cache(self) -> Self:
        """Keep the rows in memory after the first complete pass; shuffle after it, not before."""
        return self.apply(Cache())
