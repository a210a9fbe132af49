"""Repeat the data several times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from headrace.data.pipeline import Cursor, Stage, Step, Steps, Upstream
from headrace.data.plan import RepeatedRows, RowOrder
from headrace.data.plan.steps import unpack_cursor


@dataclass(frozen=True)
class Repeat(Stage):
    """Read the input `times` times, each time in another of its orders.

    Epoch k of the output reads epochs `k * times` to `k * times + times - 1` of the input, so no order is
    repeated.
    """

    repeats: ClassVar[bool] = True

    times: int

    @property
    def spec(self) -> str:
        """The number of passes."""
        return f"repeat({self.times})"

    def plan(self, order: RowOrder) -> RowOrder:
        """Repeat the positions; a stage that is planned on top may mix the passes."""
        return RepeatedRows(order, self.times)

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Stream the passes one after the other; a batch never spans two of them."""
        first, start = unpack_cursor(cursor, 0, None)
        for number in range(first, self.times):
            for step in upstream(epoch * self.times + number, start):
                yield Step(step.batch, [number, step.cursor], step.parent, step.offset)
            start = None

    def count_rows(self, rows: int | None) -> int | None:
        """Return `times` the number of input rows."""
        return None if rows is None else rows * self.times

    def count_batches(self, rows: int | None, batches: int | None) -> int | None:  # noqa: ARG002
        """Return `times` the number of input batches."""
        return None if batches is None else batches * self.times
