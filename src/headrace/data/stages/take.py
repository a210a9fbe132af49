"""Take the first rows."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import ClassVar

from headrace.data.pipeline import Cursor, Stage, Step, Steps, Upstream
from headrace.data.plan import RowOrder, choose_range
from headrace.data.plan.steps import unpack_cursor


@dataclass(frozen=True)
class Take(Stage):
    """Keep the first `rows` rows and read no further.

    After a shuffle these are the first rows of epoch 0, in every epoch.
    """

    chooses: ClassVar[bool] = True

    rows: int

    @property
    def spec(self) -> str:
        """The number of rows."""
        return f"take({self.rows})"

    def plan(self, order: RowOrder) -> RowOrder:
        """Choose the first positions."""
        return choose_range(order, 0, self.rows)

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield batches up to `rows` rows; the last one may be sliced."""
        start, left = unpack_cursor(cursor, None, self.rows)
        if not left:
            return
        with closing(upstream(epoch, start)) as steps:
            for step in steps:
                kept = step.batch.slice(0, left)
                left -= kept.num_rows
                yield Step(kept, [step.cursor, left])
                if not left:
                    return

    def count_rows(self, rows: int | None) -> int | None:
        """Return the number of rows, at most `self.rows`."""
        return None if rows is None else min(rows, self.rows)
