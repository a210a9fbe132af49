"""Softsign: a smooth map of all numbers to (-1, 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.tracing.column import Column, apply, as_floats

__all__ = ["softsign"]


@dataclass(frozen=True)
class Softsign(ElementwiseOp):
    """x / (1 + |x|) for floats; NaN at infinities."""

    def infer(self, *types: ColumnType) -> ColumnType:
        if not types[0].is_float:
            raise TraceError(f"{self.name} expects floats, got {types[0]}", hint="cast it first")
        return types[0]

    def compute(self, xp: Any, *arrays: Any) -> Any:
        (x,) = arrays
        return x / (xp.abs(x) + 1)


def softsign(x: Column) -> Column:
    """Compute x / (1 + |x|) for each value of x; integers are cast to floats."""
    return apply(Softsign(), as_floats(x))
