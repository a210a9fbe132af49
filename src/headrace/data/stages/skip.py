"""Skip the first rows."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import ClassVar

from headrace.data.pipeline import Cursor, Stage, Step, Steps, Upstream
from headrace.data.plan import RowOrder, choose_range
from headrace.data.plan.steps import unpack_cursor


@dataclass(frozen=True)
class Skip(Stage):
    """Drop the first `rows` rows; a source that cannot seek still reads them.

    After a shuffle these are the first rows of epoch 0, in every epoch.
    """

    chooses: ClassVar[bool] = True

    rows: int

    @property
    def spec(self) -> str:
        """The number of rows."""
        return f"skip({self.rows})"

    def plan(self, order: RowOrder) -> RowOrder:
        """Choose the positions after the first."""
        return choose_range(order, self.rows, order.num_rows)

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the batches after the first `rows` rows; the first one may be sliced."""
        start, left = unpack_cursor(cursor, None, self.rows)
        with closing(upstream(epoch, start)) as steps:
            for step in steps:
                kept = step.batch.slice(min(left, step.batch.num_rows))
                left -= step.batch.num_rows - kept.num_rows
                if kept.num_rows:
                    yield Step(kept, [step.cursor, left])

    def count_rows(self, rows: int | None) -> int | None:
        """Return the number of remaining rows."""
        return None if rows is None else max(0, rows - self.rows)
