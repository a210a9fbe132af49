"""The tasks of a write: write one shard, count the rows of one part. Workers get them pickled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from headrace.data.part import DatasetPart
from headrace.data.writing.destination import Destination
from headrace.data.writing.row_ranges import RowRanges, rebatch
from headrace.data.writing.staging import Staging

__all__ = ["CountPart", "Transformation", "WriteShard"]

Transformation = Callable[[pa.RecordBatch], pa.RecordBatch]


@dataclass(frozen=True)
class WriteShard:
    """The task that writes a shard into the work folder.

    Attributes:
        ranges: The rows of each shard.
        to: Where they are written.
        schema: The schema of the rows that are written.
        batch_rows: The rows of the batches that are transformed and encoded at a time.
        transformation: Applied to each of these batches; None writes the rows as they are.
    """

    ranges: RowRanges
    to: Destination
    schema: pa.Schema
    batch_rows: int
    transformation: Transformation | None

    def __call__(self, shard: int) -> None:
        """Read the rows of a shard, and write them."""
        self.write(shard, self.ranges.read(shard))

    def write(self, shard: int, rows: Iterator[pa.RecordBatch]) -> None:
        """Write the rows of a shard."""
        batches: Iterable[pa.RecordBatch] = rebatch(rows, self.batch_rows)
        if self.transformation is not None:
            batches = map(self.transformation, batches)
        entry = self.to.write_shard(shard, batches, self.schema)
        Staging(self.to.work_folder).mark_finished(self.to.staged_path(shard), entry)


@dataclass(frozen=True)
class CountPart:
    """The task that counts the rows of a part, and notes the number in the work folder.

    Attributes:
        parts: All parts.
        staging: The work folder.
    """

    parts: tuple[DatasetPart, ...]
    staging: Staging

    def __call__(self, part: int) -> None:
        """Read a part."""
        self.staging.write_count(part, sum(batch.num_rows for batch in self.parts[part]))
