"""Numbers to buckets whose boundaries are another in each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp

__all__ = ["BucketsOfRow"]


@dataclass(frozen=True)
class BucketsOfRow(ElementwiseOp):
    """How many of the row's boundaries are at or below x; all of them for NaN. See `ApplyBuckets`."""

    def infer(self, *types: ColumnType) -> ColumnType:
        x, boundaries = types
        if not x.is_float or x.shape or x.ragged or len(boundaries.shape) != 1 or boundaries.dtype != x.dtype:
            raise TraceError(f"buckets of {x} by {boundaries} a row", hint="give one float a row")
        return ColumnType("int64")

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, boundaries = arrays
        x = xp.expand_dims(x, axis=-1)
        return xp.sum(xp.astype((x >= boundaries) | xp.isnan(x), xp.int64), axis=-1)
