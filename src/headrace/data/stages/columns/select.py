"""Select columns by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from headrace.data.pipeline import RowEffect, Stage
from headrace.data.stages.columns.find_columns import find_columns


@dataclass(frozen=True)
class Select(Stage):
    """Keep the columns `columns`, in this order.

    Directly after a source that can skip columns, and after `shuffle`, `take` and the like, the other columns
    are not read.
    """

    per_batch: ClassVar[bool] = True

    columns: tuple[str, ...]

    @property
    def spec(self) -> str:
        """The columns."""
        return f"select({list(self.columns)})"

    @property
    def row_effect(self) -> RowEffect:
        """Rows keep their places."""
        return "same"

    @property
    def per_part(self) -> tuple[Stage, ...]:
        """The stage itself: it works on one batch at a time."""
        return (self,)

    @property
    def keeps(self) -> Sequence[str]:
        """The columns."""
        return self.columns

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """Yield the batches without the other columns; values are not copied.

        Raises:
            SchemaError: A column does not exist.
        """
        return map(self.probe, batches)

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Select the columns of a batch."""
        return batch.select(find_columns(batch.schema, self.columns))
