"""Concatenate datasets."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from headrace.data.combinations.combination import Combination
from headrace.data.combinations.concatenated_rows import ConcatenatedRows
from headrace.data.pipeline import Cursor, Step, Steps
from headrace.data.plan import RowReader
from headrace.data.plan.steps import unpack_cursor

__all__ = ["Concatenation"]


@dataclass(frozen=True)
class Concatenation(Combination):
    """All rows of the first dataset, then all of the second, and so on.

    If all datasets can read rows by number, so can the concatenation: it is shuffled as a whole.
    """

    @property
    def spec(self) -> str:
        """`concatenate`."""
        return "concatenate"

    @property
    def num_rows(self) -> int | None:
        """The sum of the numbers of rows."""
        return self._sum_rows()

    def stream(self, epoch: int, cursor: Cursor = None) -> Steps:
        """Stream the datasets one after the other; a batch never spans two of them."""
        _ = self.schema
        first, start = unpack_cursor(cursor, 0, None)
        for number in range(first, len(self.inputs)):
            with closing(self.inputs[number].pipeline.stream(epoch, start)) as steps:
                for step in steps:
                    yield Step(step.batch, [number, step.cursor], step.parent, step.offset)
            start = None

    def open_rows(self) -> RowReader | None:
        """Open the rows by number; None if a dataset cannot seek, is shuffled, or has other stages."""
        _ = self.schema
        parts = [each.pipeline.open_rows() for each in self.inputs]
        rows = [part for part in parts if part is not None and part[1].seed is None]
        return ConcatenatedRows(rows) if len(rows) == len(self.inputs) else None
