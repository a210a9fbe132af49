"""Stages that change the columns of a batch, and no rows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import pyarrow as pa

from headrace.data.pipeline import RowEffect, Stage

__all__ = ["ColumnStage"]


class ColumnStage(Stage):
    """A stage that is a function of one batch, `probe`; values are not copied."""

    per_batch: ClassVar[bool] = True

    @property
    def row_effect(self) -> RowEffect:
        """Rows keep their places."""
        return "same"

    @property
    def per_part(self) -> tuple[Stage, ...]:
        """The stage itself: it works on one batch at a time."""
        return (self,)

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """Change the columns of each batch."""
        return map(self.probe, batches)

    @abstractmethod
    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Change the columns of a batch."""
