"""Count vectors and multi-hot vectors of lists of indices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace.columns import ColumnType, Ragged
from headrace.errors import SchemaError, TraceError
from headrace.transform.graph.composite import composite
from headrace.transform.graph.op import Op
from headrace.transform.tracing.column import Column, apply, cast_to

__all__ = ["count_vector", "multi_hot"]


@dataclass(frozen=True)
class CountVector(Op):
    """The count of each index of [0, depth) in a row, or the sum of its weights; others are ignored."""

    arity = (1, 2)

    depth: int

    def infer(self, *types: ColumnType) -> ColumnType:
        x, *weights = types
        if not x.is_integer or x.dtype == "uint64" or len(x.shape) > 1:
            raise TraceError(
                f"count_vector expects integers, got {x}", hint="look values up in a vocabulary first"
            )
        if any(each.is_string or (each.shape, each.ragged) != (x.shape, x.ragged) for each in weights):
            raise TraceError(
                f"expected one weight per value of {x}, got {weights[0]}",
                hint="pass weights of the same shape",
            )
        if not 1 <= self.depth < 2**31:
            raise TraceError(
                f"expected a depth of at least 1, got {self.depth}", hint="choose the number of indices"
            )
        return ColumnType("float32", (self.depth,))

    def evaluate(self, *values: Any) -> Any:
        x, *weights = values
        if weights:
            _check_lists(x, weights[0])
        if isinstance(x, Ragged):
            rows, flat, count = np.diff(x.row_splits), x.values, len(x.row_splits) - 1
        else:
            rows, flat, count = x[:1].size or 1, x.reshape(-1), len(x)
        row = np.repeat(np.arange(count), rows)
        inside = (flat >= 0) & (flat < self.depth)
        places = row[inside] * self.depth + flat[inside].astype(np.int64)
        amounts = _flatten(weights[0])[inside].astype(np.float64) if weights else None
        counts = np.bincount(places, amounts, minlength=count * self.depth)
        return counts.astype(np.float32).reshape(count, self.depth)

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx

        from headrace.transform.ops.lists import onnx_ragged as ragged

        x, *weights = values
        dtype = ndx.float64 if weights else ndx.float32
        zero = ndx.asarray(np.int64(0))
        if isinstance(x, Ragged):
            ids, row = ndx.astype(x.values, ndx.int64), ragged.row_ids(x.values, x.row_splits)
            rows = x.row_splits[1:]
        else:
            ids = ndx.astype(ndx.reshape(x, (-1,)), ndx.int64)
            rows = x if x.ndim == 1 else x[:, 0]
            width = 1 if x.ndim == 1 else x.shape[1]
            row = ragged.positions(ids) // ndx.asarray(np.int64(width))
        inside = (ids >= zero) & (ids < np.int64(self.depth))
        place = ndx.where(inside, row * np.int64(self.depth) + ids, zero)
        nothing = ndx.zeros((1, self.depth), dtype=dtype)
        cells = ndx.reshape(ndx.zeros_like(ndx.astype(rows, dtype))[:, None] + nothing, (-1,))
        amounts = ndx.astype(inside, dtype)
        if weights:
            given = ndx.reshape(ndx.astype(_flatten(weights[0]), dtype), (-1,))
            amounts = ndx.where(inside, given, ndx.zeros((), dtype=dtype))
        # One more cell, so that the dummy index of an empty batch is in range.
        counts = ragged.scatter_add(cells, place, amounts, room=1)[:-1]
        return ndx.reshape(ndx.astype(counts, ndx.float32), (-1, self.depth))


def _flatten(weights: Any) -> Any:
    if isinstance(weights, Ragged):
        return weights.values
    return weights.reshape(-1) if isinstance(weights, np.ndarray) else weights


def _check_lists(x: Any, weights: Any) -> None:
    if isinstance(x, Ragged) and not np.array_equal(x.row_splits, weights.row_splits):
        raise SchemaError(
            "lists of weights and lists of values differ in length", hint="pass one weight per value"
        )


def count_vector(x: Column, depth: int, weights: Column | None = None) -> Column:
    """Count how often each index of [0, depth) occurs in each row; other indices are ignored.

    Args:
        x: A column of integers: ragged, of shape [k], or one per row.
        depth: The number of indices.
        weights: Numbers, one per value: the amount to add for each occurrence, instead of 1. They are summed
            in float64, in order.

    Returns:
        A column of float32 [depth].

    Raises:
        TraceError: `x` does not hold integers, or `weights` does not have its shape.
    """
    return apply(CountVector(depth), *((x,) if weights is None else (x, weights)))


@composite
def multi_hot(x: Column, depth: int) -> Column:
    """Mark the indices of [0, depth) that occur in each row of x: float32 [depth] of 0 and 1.

    See `count_vector`; Keras's CategoryEncoding calls it "multi_hot".
    """
    return cast_to(count_vector(x, depth) > 0, "float32")
