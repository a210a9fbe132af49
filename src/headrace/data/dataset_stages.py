"""The methods of a dataset that append a stage."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Self

import pyarrow as pa

from headrace.data.pipeline import Stage
from headrace.data.stages import Batch, Cache, Filter, Map, Prefetch, Repeat, Shard, Shuffle, Skip, Take
from headrace.errors import UsageError

__all__ = ["DatasetStages", "check_at_least"]


class DatasetStages:
    """Methods that return a dataset with one more stage."""

    @abstractmethod
    def apply(self, stage: Stage) -> Self:
        """Append a stage."""

    def shuffle(self, seed: int, window: int = 65536) -> Self:
        """Shuffle rows, differently each epoch, through a pool of `window` rows in memory.

        Data of at most `window` rows is permuted uniformly. Lower `window` where rows are large.
        """
        return self.apply(Shuffle(check_at_least(0, seed, "seed"), check_at_least(1, window, "window")))

    def map(self, function: Callable[[pa.RecordBatch], pa.RecordBatch], threads: int = 1) -> Self:
        """Call `function` on every batch, in order, on `threads` threads; it must keep the number of rows."""
        return self.apply(Map(function, check_at_least(1, threads, "threads")))

    def filter(self, keep: Callable[[pa.RecordBatch], Any]) -> Self:
        """Keep the rows for which `keep(batch)`, an array of one boolean per row, is true."""
        return self.apply(Filter(keep))

    def batch(self, size: int, drop_remainder: bool = False) -> Self:
        """Rebatch to exactly `size` rows; the last batch is shorter, or dropped by `drop_remainder`."""
        return self.apply(Batch(check_at_least(1, size, "batch size"), drop_remainder))

    def take(self, rows: int) -> Self:
        """Keep the first `rows` rows."""
        return self.apply(Take(check_at_least(0, rows, "rows to take")))

    def skip(self, rows: int) -> Self:
        """Drop the first `rows` rows."""
        return self.apply(Skip(check_at_least(0, rows, "rows to skip")))

    def prefetch(self, batches: int = 2) -> Self:
        """Compute up to `batches` batches in advance in a background thread."""
        return self.apply(Prefetch(check_at_least(1, batches, "batches to prefetch")))

    def shard(self, index: int, shards: int) -> Self:
        """Keep rows `index`, `index + shards`, ...: one of `shards` disjoint subsets.

        Raises:
            UsageError: `index` is not in [0, shards).
        """
        if not 0 <= index < shards:
            raise UsageError(f"shard {index} of {shards}", hint="number the shards from 0 to shards - 1")
        return self.apply(Shard(index, shards))

    def repeat(self, times: int) -> Self:
        """Repeat the rows `times` times, each time in another order if shuffled."""
        return self.apply(Repeat(check_at_least(1, times, "repeats")))

    def cache(self) -> Self:
        """Keep the rows in memory after the first complete pass; shuffle after it, not before."""
        return self.apply(Cache())


def check_at_least(least: int, value: int, name: str) -> int:
    """Return `value`, or raise a `UsageError` if it is below `least`."""
    if value < least:
        raise UsageError(f"{name} is {value}", hint=f"pass {least} or more")
    return value
