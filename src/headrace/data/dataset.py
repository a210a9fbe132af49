"""A lazy pipeline over record batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from headrace.data.dataset_sources import DatasetSources
from headrace.data.iterator import DatasetIterator
from headrace.data.part import DatasetPart
from headrace.data.pipeline import Divisible, Prunable, Source, Stage, connect
from headrace.data.stages import Batch, Cache, Filter, Map, Prefetch, Repeat, Shard, Shuffle, Skip, Take
from headrace.errors import UsageError

if TYPE_CHECKING:
    import torch

    from headrace.data.torch import TorchBatches

__all__ = ["Dataset"]


@dataclass(frozen=True)
class Dataset(DatasetSources):
    """A lazy stream of `pyarrow.RecordBatch`: rows from a source, transformed by stages.

    A dataset is a value: every method returns a new one. Every iteration yields the same batches; `epoch(k)`
    yields the same rows in their k-th order.

        >>> import numpy as np
        >>> ds = Dataset.from_arrays({"x": np.arange(6)}).shuffle(seed=1).batch(4)
        >>> [batch.num_rows for batch in ds]
        [4, 2]
        >>> ds.num_rows
        6

    A custom source needs no method here, `Dataset(source)` reads it; nor does a custom stage, see `apply`.

    Attributes:
        source: Where the rows come from.
        stages: The stages applied to them, in order.
        epoch_number: The epoch to iterate, from 0; it selects the order of shuffled rows.
    """

    source: Source
    stages: tuple[Stage, ...] = ()
    epoch_number: int = 0

    def apply(self, stage: Stage) -> Dataset:
        """Append a stage; `shuffle`, `map`, `batch` and the others are shorthands for it."""
        return replace(self, stages=(*self.stages, stage))

    def shuffle(self, seed: int, window: int = 65536) -> Dataset:
        """Shuffle rows, differently each epoch, through a pool of `window` rows in memory.

        Data of at most `window` rows is permuted uniformly. Lower `window` where rows are large.
        """
        return self.apply(Shuffle(_check_at_least(0, seed, "seed"), _check_at_least(1, window, "window")))

    def map(self, function: Callable[[pa.RecordBatch], pa.RecordBatch], threads: int = 1) -> Dataset:
        """Call `function` on every batch, in order, on `threads` threads; it must keep the number of rows."""
        return self.apply(Map(function, _check_at_least(1, threads, "threads")))

    def filter(self, keep: Callable[[pa.RecordBatch], Any]) -> Dataset:
        """Keep the rows for which `keep(batch)`, an array of one boolean per row, is true."""
        return self.apply(Filter(keep))

    def batch(self, size: int, drop_remainder: bool = False) -> Dataset:
        """Rebatch to exactly `size` rows; the last batch is shorter, or dropped by `drop_remainder`."""
        return self.apply(Batch(_check_at_least(1, size, "batch size"), drop_remainder))

    def take(self, rows: int) -> Dataset:
        """Keep the first `rows` rows."""
        return self.apply(Take(_check_at_least(0, rows, "rows to take")))

    def skip(self, rows: int) -> Dataset:
        """Drop the first `rows` rows."""
        return self.apply(Skip(_check_at_least(0, rows, "rows to skip")))

    def prefetch(self, batches: int = 2) -> Dataset:
        """Compute up to `batches` batches in advance in a background thread."""
        return self.apply(Prefetch(_check_at_least(1, batches, "batches to prefetch")))

    def shard(self, index: int, shards: int) -> Dataset:
        """Keep rows `index`, `index + shards`, ...: one of `shards` disjoint subsets.

        Raises:
            UsageError: `index` is not in [0, shards).
        """
        if not 0 <= index < shards:
            raise UsageError(f"shard {index} of {shards}", hint="number the shards from 0 to shards - 1")
        return self.apply(Shard(index, shards))

    def repeat(self, times: int) -> Dataset:
        """Repeat the rows `times` times, each time in another order if shuffled."""
        return self.apply(Repeat(_check_at_least(1, times, "repeats")))

    def cache(self) -> Dataset:
        """Keep the rows in memory after the first complete pass; shuffle after it, not before."""
        return self.apply(Cache())

    def epoch(self, number: int) -> Dataset:
        """Select an epoch: the same rows in the order numbered `number`."""
        return replace(self, epoch_number=_check_at_least(0, number, "epoch"))

    @property
    def schema(self) -> pa.Schema:
        """The schema of every batch.

        If a stage may change it (`map`), the stage's function is called on the first row, or on an empty
        batch if the source is empty.
        """
        if all(type(stage).probe is Stage.probe for stage in self.stages):
            return self.source.schema
        first = next((b for b in self.source.read() if b.num_rows), None)
        sample = self.source.schema.empty_table().to_batches() if first is None else [first.slice(0, 1)]
        batch = sample[0] if sample else pa.RecordBatch.from_pylist([], schema=self.source.schema)
        for stage in self.stages:
            batch = stage.probe(batch)
        return batch.schema

    @property
    def num_rows(self) -> int | None:
        """The number of rows in an epoch, or None if it is unknown before reading (after `filter`)."""
        rows = self.source.num_rows
        for stage in self.stages:
            rows = stage.count_rows(rows)
        return rows

    @property
    def spec(self) -> str:
        """A description of what the stages do to the rows: `shuffle(seed=1, window=65536) | batch(32)`."""
        return " | ".join(stage.spec for stage in self.stages if stage.spec)

    @property
    def parts(self) -> tuple[DatasetPart, ...] | None:
        """The same rows in parts that can be read independently: one per file, or per 65,536 rows in memory.

        A Parquet file of more than 128 MB has several parts, each of row groups of at least that size.
        Concatenated, the parts have the rows of the dataset in the order of the source. None if a stage needs
        rows of other batches (`take`, `skip`, `shard`, `repeat`, `cache`, and `batch` with
        `drop_remainder`), or if the source is a folder.
        """
        per_part = [stage.per_part for stage in self.stages]
        if not isinstance(self.source, Divisible) or any(each is None for each in per_part):
            return None
        stages = tuple(stage for each in per_part if each is not None for stage in each)
        return tuple(DatasetPart(source, stages) for source in self.source.divide())

    def prune_columns(self, columns: Sequence[str]) -> Dataset:
        """Return a dataset of the same rows that reads these columns only, if the source can skip others.

        String columns may be dictionary-encoded. A dataset with stages is returned unchanged: they may need
        other columns.
        """
        if self.stages or not isinstance(self.source, Prunable):
            return self
        return replace(self, source=self.source.prune_columns(columns))

    def __iter__(self) -> DatasetIterator:
        return DatasetIterator(connect(self.source, self.stages), self.epoch_number, self.spec)

    def to_torch(self, device: torch.device | str | None = None) -> TorchBatches:
        """Convert the batches to dicts of tensors on `device`; see `headrace.data.torch.to_tensors`."""
        # Arrow users never need torch, which takes seconds to import.
        from headrace.data.torch import TorchBatches

        return TorchBatches(self, device)


def _check_at_least(least: int, value: int, name: str) -> int:
    if value < least:
        raise UsageError(f"{name} is {value}", hint=f"pass {least} or more")
    return value
