"""Drop columns by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from headrace.data.pipeline import RowEffect, Stage
from headrace.data.stages.columns.find_columns import find_columns


@dataclass(frozen=True)
class Drop(Stage):
    """Drop the columns `columns`; the others keep their order."""

    per_batch: ClassVar[bool] = True

    columns: tuple[str, ...]

    @property
    def spec(self) -> str:
        """The columns."""
        return f"drop({list(self.columns)})"

    @property
    def row_effect(self) -> RowEffect:
        """Rows keep their places."""
        return "same"

    @property
    def per_part(self) -> tuple[Stage, ...]:
        """The stage itself: it works on one batch at a time."""
        return (self,)

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """Yield the batches without the columns; values are not copied.

        Raises:
            SchemaError: A column does not exist.
        """
        return map(self.probe, batches)

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Drop the columns of a batch."""
        dropped = set(find_columns(batch.schema, self.columns))
        return batch.select([place for place in range(batch.num_columns) if place not in dropped])
