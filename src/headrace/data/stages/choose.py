"""Choose rows by their numbers."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from headrace.data.fingerprint import fingerprint
from headrace.data.pipeline import Cursor, Stage, Step, Steps, Upstream
from headrace.data.plan import Numbers, RowOrder, choose_rows
from headrace.data.plan.steps import unpack_cursor
from headrace.data.rows import take_rows


@dataclass(frozen=True)
class Choose(Stage):
    """Keep the rows with these numbers, in the order of the input; `split` makes them.

    After a shuffle the numbers are places in epoch 0, in every epoch.

    Attributes:
        rows: The numbers, int64 [n], ascending.
        digest: A digest of the numbers.
    """

    chooses: ClassVar[bool] = True

    rows: Numbers = field(compare=False, repr=False)
    digest: str

    @classmethod
    def from_rows(cls, rows: Numbers) -> Choose:
        """Create the stage for row numbers, int64 [n], ascending."""
        return cls(rows, fingerprint(rows.tobytes())[:16])

    @property
    def spec(self) -> str:
        """The number of rows, and their digest."""
        return f"choose({len(self.rows)} rows, {self.digest})"

    def plan(self, order: RowOrder) -> RowOrder:
        """Choose the positions."""
        return choose_rows(order, self.rows[: np.searchsorted(self.rows, order.num_rows)])

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the chosen rows of each batch."""
        start, first = unpack_cursor(cursor, None, 0)  # the number of the first row of the next batch
        with closing(upstream(epoch, start)) as steps:
            for step in steps:
                end = first + step.batch.num_rows
                here = self.rows[slice(*np.searchsorted(self.rows, [first, end]))] - first
                if len(here):
                    is_whole = len(here) == step.batch.num_rows
                    batch = step.batch if is_whole else take_rows(step.batch, here)
                    yield Step(batch, [step.cursor, end])
                first = end
                if first > self.rows[-1]:
                    return

    def count_rows(self, rows: int | None) -> int | None:
        """Return the number of chosen rows."""
        return None if rows is None else int(np.searchsorted(self.rows, rows))
