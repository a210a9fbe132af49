"""Indices as vectors with a single one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.ops.numbers.apply_buckets import ApplyBuckets, is_below
from headrace.transform.tracing.column import Column, apply

__all__ = ["one_hot"]


@dataclass(frozen=True)
class OneHot(ElementwiseOp):
    """1 at the index, 0 elsewhere; all 0 for an index outside [0, depth)."""

    depth: int

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_integer or x.ragged:
            hint = "count_vector takes lists" if x.is_integer else "look it up first"
            raise TraceError(f"one_hot takes rows of integers, and {x} came in", hint=hint)
        if self.depth < 1:
            raise TraceError(f"one_hot of depth {self.depth}", hint="choose a depth of 1 or more")
        return ColumnType("float32", (*x.shape, self.depth))

    def compute(self, xp: Any, *arrays: Any) -> Any:
        places = xp.arange(self.depth, dtype=xp.int64)
        return xp.astype(xp.expand_dims(xp.astype(arrays[0], xp.int64), axis=-1) == places, xp.float32)


@dataclass(frozen=True)
class OneHotBuckets(ElementwiseOp):
    """`OneHot` of `ApplyBuckets`, in half the steps: what that becomes in a model, see `fusing`."""

    depth: int

    def infer(self, *types: ColumnType) -> ColumnType:
        if types[0].ragged or types[0].shape:
            raise TraceError(f"vectors of buckets of {types[0]}", hint="give one number a row")
        return OneHot(self.depth).infer(ApplyBuckets().infer(*types))

    def evaluate(self, *values: Any) -> Any:
        """The one op, then the other."""
        return OneHot(self.depth).evaluate(ApplyBuckets().evaluate(*values))

    def compute(self, xp: Any, *arrays: Any) -> Any:
        """The one op, then the other."""
        return OneHot(self.depth).compute(xp, ApplyBuckets().compute(xp, *arrays))

    def lower(self, *values: Any) -> Any:
        """See `Op.lower`: a 1 for each boundary that x is below, less the 1 of the boundary before it."""
        import ndonnx as ndx
        import spox.opset.ai.onnx.v21 as op

        x, boundaries = values
        last = len(boundaries)
        differences = np.eye(last, self.depth, dtype=np.float32) - np.eye(last, self.depth, 1, np.float32)
        offset = np.zeros(self.depth, np.float32)
        offset[last:][:1] = 1  # below the last bucket's end is every number, and NaN
        ones = ndx.astype(is_below(x, boundaries), ndx.float32)
        return ndx.asarray(op.gemm(ones.unwrap_spox(), op.const(differences), op.const(offset)))


def one_hot(x: Column, depth: int) -> Column:
    """Each index as `depth` numbers, float32: 1 at the index, all 0 if it is outside [0, depth).

    Rows of shape [*shape] become rows of shape [*shape, depth].
    """
    return apply(OneHot(depth), x)
