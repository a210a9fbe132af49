"""Positions within runs of equal values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import Op
from headrace.transform.tracing.column import Column, apply

__all__ = ["segment_indices"]


@dataclass(frozen=True)
class SegmentIndices(Op):
    """For each value of a list, the number of equal values directly before it."""

    arity = (1, 1)

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.ragged or not x.is_integer or x.dtype == "uint64":
            raise TraceError(
                f"segment_indices expects lists of integers, got {x}",
                hint="pass the segments of each row as a list; rows are independent",
            )
        return replace(x, dtype="int64")

    def evaluate(self, *values: Any) -> Any:
        (x,) = values
        at = np.arange(len(x.values))
        row_start = np.repeat(x.row_splits[:-1], np.diff(x.row_splits))
        return self._number(np, x, at, row_start)

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx

        from headrace.transform.ops.lists import onnx_ragged as ragged

        (x,) = values
        row_start = ndx.take(x.row_splits[:-1], ragged.row_ids(x.values, x.row_splits))
        return self._number(ndx, x, ragged.positions(x.values), row_start)

    def _number(self, xp: Any, x: Ragged, at: Any, row_start: Any) -> Ragged:
        before = xp.concat([x.values[:1], x.values[:-1]])
        starts = (at == row_start) | (x.values != before)
        which = xp.cumulative_sum(xp.astype(starts, xp.int64)) - 1
        return Ragged(at - xp.take(xp.nonzero(starts)[0], which), x.row_splits)


def segment_indices(segment_ids: Column) -> Column:
    """Number the values within each segment: [0, 0, 1, 2, 2, 2] becomes [0, 1, 0, 0, 1, 2].

    As in TF Transform, but within each row: the segments of a list are its runs of equal numbers.

    Args:
        segment_ids: A ragged column of integers.

    Returns:
        A ragged column of int64.
    """
    return apply(SegmentIndices(), segment_ids)
