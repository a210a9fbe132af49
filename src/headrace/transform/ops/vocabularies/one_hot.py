"""One-hot vectors of indices."""

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
    """A vector with 1 at the index and 0 elsewhere; all 0 for an index outside [0, depth)."""

    arity = (1, 1)

    depth: int

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_integer or x.ragged:
            hint = "use count_vector for lists" if x.is_integer else "look values up in a vocabulary first"
            raise TraceError(f"one_hot expects rows of integers, got {x}", hint=hint)
        if self.depth < 1:
            raise TraceError(
                f"expected a depth of at least 1, got {self.depth}", hint="choose the number of indices"
            )
        return ColumnType("float32", (*x.shape, self.depth))

    def compute(self, xp: Any, *arrays: Any) -> Any:
        places = xp.arange(self.depth, dtype=xp.int64)
        return xp.astype(xp.expand_dims(xp.astype(arrays[0], xp.int64), axis=-1) == places, xp.float32)


@dataclass(frozen=True)
class OneHotBuckets(ElementwiseOp):
    """`OneHot` of `ApplyBuckets` in half the nodes; lowering fuses the pair, see `fuse_buckets`."""

    arity = (2, 2)

    depth: int

    def infer(self, *types: ColumnType) -> ColumnType:
        if types[0].ragged or types[0].shape:
            raise TraceError(f"expected one number per row, got {types[0]}", hint="apply both ops separately")
        return OneHot(self.depth).infer(ApplyBuckets().infer(*types))

    def evaluate(self, *values: Any) -> Any:
        """See `Op.evaluate`: applies the two ops in turn."""
        return OneHot(self.depth).evaluate(ApplyBuckets().evaluate(*values))

    def compute(self, xp: Any, *arrays: Any) -> Any:
        """See `ElementwiseOp.compute`: applies the two ops in turn."""
        return OneHot(self.depth).compute(xp, ApplyBuckets().compute(xp, *arrays))

    def lower(self, *values: Any) -> Any:
        """See `Op.lower`: compares x with all boundaries, and takes differences of neighbours by one Gemm."""
        import ndonnx as ndx
        import spox.opset.ai.onnx.v21 as op

        x, boundaries = values
        last = len(boundaries)
        differences = np.eye(last, self.depth, dtype=np.float32) - np.eye(last, self.depth, 1, np.float32)
        offset = np.zeros(self.depth, np.float32)
        offset[last:][:1] = 1  # every number, and NaN, is below the end of the last bucket
        ones = ndx.astype(is_below(x, boundaries), ndx.float32)
        return ndx.asarray(op.gemm(ones.unwrap_spox(), op.const(differences), op.const(offset)))


def one_hot(x: Column, depth: int) -> Column:
    """Convert each index of x to a one-hot vector: float32 [depth], all 0 if it is outside [0, depth).

    Args:
        x: A column of integers of shape [*shape].
        depth: The number of indices.

    Returns:
        A column of shape [*shape, depth].
    """
    return apply(OneHot(depth), x)
