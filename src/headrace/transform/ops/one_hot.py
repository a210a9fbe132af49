"""Indices as vectors with a single one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.column import Column, apply
from headrace.transform.op import ElementwiseOp

__all__ = ["one_hot"]


@dataclass(frozen=True)
class OneHot(ElementwiseOp):
    """1 at the index, 0 elsewhere; all 0 for an index outside [0, depth)."""

    depth: int

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_integer or x.ragged:
            way_out = "count_vector takes lists" if x.is_integer else "look it up first"
            raise TraceError(f"one_hot takes rows of integers, and {x} came in", way_out=way_out)
        if self.depth < 1:
            raise TraceError(f"one_hot of depth {self.depth}", way_out="choose a depth of 1 or more")
        return ColumnType("float32", (*x.shape, self.depth))

    def compute(self, xp: Any, *arrays: Any) -> Any:
        places = xp.arange(self.depth, dtype=xp.int64)
        return xp.astype(xp.expand_dims(xp.astype(arrays[0], xp.int64), axis=-1) == places, xp.float32)


def one_hot(x: Column, depth: int) -> Column:
    """Each index as `depth` numbers, float32: 1 at the index, all 0 if it is outside [0, depth).

    Rows of shape [*shape] become rows of shape [*shape, depth].
    """
    return apply(OneHot(depth), x)
