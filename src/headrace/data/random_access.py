"""The rows of a pipeline by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from headrace.arguments import check_integers
from headrace.data.pipeline import Source, Stage
from headrace.data.plan import Numbers, RowOrder, RowReader
from headrace.data.planner import make_plan
from headrace.errors import UsageError

__all__ = ["PipelineRows", "open_pipeline_rows"]


@dataclass(frozen=True)
class PipelineRows:
    """The rows of one epoch of a pipeline, by number; safe to share among threads.

    Attributes:
        reader: The rows of the source.
        order: The order in which the pipeline reads them.
        stages: The stages that compute each row by itself.
        epoch: The epoch.
    """

    reader: RowReader
    order: RowOrder
    stages: tuple[Stage, ...]
    epoch: int

    @property
    def num_rows(self) -> int:
        """The number of rows."""
        return self.order.num_rows

    def take(self, positions: Numbers) -> pa.RecordBatch:
        """Read and compute the rows at these positions, int64 [n]; any order, repeats allowed.

        Raises:
            UsageError: A position is not an integer, or out of range.
        """
        rows = check_integers(positions, "positions")
        if len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < self.num_rows:
            what = f"expected positions below {self.num_rows:,}, got {rows.min():,} to {rows.max():,}"
            raise UsageError(what, hint="pass positions of rows in this dataset")
        batch = self.reader.take(self.order.at(self.epoch, rows))
        for stage in self.stages:
            batch = stage.probe(batch)
        return batch


@dataclass(frozen=True)
class _ReadByNumber(Stage):
    """Demands rows in any order, which makes the planner open the source by number."""

    reorders = True

    @property
    def spec(self) -> str:
        return ""

    def plan(self, order: RowOrder) -> RowOrder:
        return order


def open_pipeline_rows(source: Source, stages: Sequence[Stage], epoch: int) -> PipelineRows:
    """Open the rows of a pipeline by number; a `cache()` is filled first.

    Raises:
        UsageError: The source cannot seek, or a stage does not keep rows at their places.
    """
    plan = make_plan(source, [*stages, _ReadByNumber()])
    obstacle = next((stage for stage in plan.stages if stage.row_effect != "same"), None)
    if plan.reader is None or plan.order is None:
        reason = f"{type(plan.source).__name__} does not read rows by number"
    elif obstacle is not None and not isinstance(obstacle, _ReadByNumber):
        reason = f"{obstacle.spec} has to see all rows before it"
    else:
        return PipelineRows(plan.reader, plan.order, plan.stages, epoch)
    raise UsageError(
        f"the rows of this dataset cannot be read by number: {reason}",
        hint="append .cache(), which keeps the rows in memory",
    )
