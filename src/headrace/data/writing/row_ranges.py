"""The rows of each shard: ranges of the rows of a dataset, read in the way that its source allows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Protocol

import pyarrow as pa

from headrace.data.part import DatasetPart
from headrace.data.pipeline import Source, Stage, Step, Steps
from headrace.data.plan import without_readers
from headrace.data.planner import Pipeline
from headrace.data.stages import Batch, Skip, Take

__all__ = ["RowRanges", "TaskEngine", "can_seek", "rebatch"]


class TaskEngine(Protocol):
    """Where tasks run."""

    def run_tasks(self, task: Callable[[int], None], numbers: Sequence[int]) -> None:
        """Call `task` with each number, in any order and on any worker; return when all have ended.

        The task is pickled. An error of a worker is raised.
        """
        ...


@dataclass(frozen=True)
class RowRanges:
    """Ranges of equal numbers of rows, one for each shard; they may be read in any process.

    Attributes:
        source: Where the rows come from.
        stages: The stages applied to them.
        bounds: The first row of each shard, and the number of rows.
        parts: Parts that can be read on their own, if the source cannot seek; else none.
        part_bounds: The first row of each part, and the number of rows.
        is_divisible: Whether a shard can be read without the rows before it.
    """

    source: Source
    stages: tuple[Stage, ...]
    bounds: tuple[int, ...]
    parts: tuple[DatasetPart, ...] = ()
    part_bounds: tuple[int, ...] = ()
    is_divisible: bool = False

    @classmethod
    def divide(
        cls,
        source: Source,
        stages: Sequence[Stage],
        rows: int,
        shards: int,
        parts: Sequence[DatasetPart] = (),
        part_rows: Sequence[int] = (),
        *,
        is_divisible: bool = False,
    ) -> RowRanges:
        """Divide rows into ranges whose sizes differ by at most one."""
        bounds = tuple(rows * index // shards for index in range(shards + 1))
        part_bounds = tuple(accumulate(part_rows, initial=0)) if parts else ()
        return cls(source, tuple(stages), bounds, tuple(parts), part_bounds, is_divisible)

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the source without the readers that it has opened; a worker opens its own."""
        return {**vars(self), "source": without_readers(self.source)}

    def count(self, shard: int) -> int:
        """Return the number of rows of a shard."""
        return self.bounds[shard + 1] - self.bounds[shard]

    def read(self, shard: int) -> Iterator[pa.RecordBatch]:
        """Read the rows of a shard, without the rows before it if the source can seek or has parts."""
        if self.parts:
            return self._read_parts(self.bounds[shard], self.bounds[shard + 1])
        return _read(self.source, (*self.stages, Skip(self.bounds[shard]), Take(self.count(shard))))

    def read_each(self) -> Iterator[Iterator[pa.RecordBatch]]:
        """Read the rows of all shards in one pass; each shard must be read before the next is requested."""
        with closing(_read(self.source, self.stages)) as batches:
            left: list[pa.RecordBatch] = []
            for shard in range(len(self.bounds) - 1):
                yield _read_rows(batches, left, self.count(shard))

    def _read_parts(self, start: int, stop: int) -> Iterator[pa.RecordBatch]:
        place = bisect_right(self.part_bounds, start) - 1
        while start < stop:
            at = self.part_bounds[place]
            for batch in self.parts[place]:
                kept = batch.slice(max(0, start - at), max(0, stop - max(start, at)))
                at += batch.num_rows
                start += kept.num_rows
                if kept.num_rows:
                    yield kept
                if start >= stop:
                    return
            place += 1


def can_seek(source: Source, stages: Sequence[Stage]) -> bool:
    """Return whether a range of the rows can be read without the rows before it."""
    take = Take(0)
    plan = Pipeline(source, (*stages, Skip(0), take)).plan
    return plan.reader is not None and any(stage is take for stage in plan.planned)


def _read(source: Source, stages: Sequence[Stage]) -> Generator[pa.RecordBatch]:
    with closing(Pipeline(source, stages).stream(0)) as steps:
        for step in steps:
            yield step.batch


def _read_rows(
    batches: Iterator[pa.RecordBatch], left: list[pa.RecordBatch], rows: int
) -> Iterator[pa.RecordBatch]:
    """Read `rows` rows from `left`, which keeps what remains of the last batch, and then from `batches`."""
    while rows:
        batch = left.pop() if left else next(batches, None)
        if batch is None:
            return
        kept = batch.slice(0, rows)
        rows -= kept.num_rows
        if kept.num_rows < batch.num_rows:
            left.append(batch.slice(kept.num_rows))
        if kept.num_rows:
            yield kept


def rebatch(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """Cut a stream into batches of `rows` rows, so that batches do not depend on how it was read."""

    def upstream(_epoch: int, _cursor: object) -> Steps:
        for batch in batches:
            yield Step(batch, None)

    for step in Batch(rows).stream(upstream, 0):
        yield step.batch
