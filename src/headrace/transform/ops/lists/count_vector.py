"""Lists of indices as vectors of how often each occurs."""

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
    """How often each index of [0, depth) occurs in a row, or the sum of its weights; others are left out."""

    depth: int

    def infer(self, *types: ColumnType) -> ColumnType:
        x, *weights = types
        if not x.is_integer or x.dtype == "uint64" or len(x.shape) > 1:
            raise TraceError(f"count_vector takes integers, and {x} came in", hint="look them up first")
        if any(each.is_string or (each.shape, each.ragged) != (x.shape, x.ragged) for each in weights):
            raise TraceError(f"weights of {weights[0]} for a column of {x}", hint="give one a value")
        if not 1 <= self.depth < 2**31:
            raise TraceError(f"a vector of {self.depth} counts", hint="choose a depth of 1 or more")
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
        amounts = _flat(weights[0])[inside].astype(np.float64) if weights else None
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
            given = ndx.reshape(ndx.astype(_flat(weights[0]), dtype), (-1,))
            amounts = ndx.where(inside, given, ndx.zeros((), dtype=dtype))
        # One cell more, so that an empty batch has a place to add nothing to.
        counts = ragged.scatter_add(cells, place, amounts, room=1)[:-1]
        return ndx.reshape(ndx.astype(counts, ndx.float32), (-1, self.depth))


def _flat(weights: Any) -> Any:
    if isinstance(weights, Ragged):
        return weights.values
    return weights.reshape(-1) if isinstance(weights, np.ndarray) else weights


def _check_lists(x: Any, weights: Any) -> None:
    if isinstance(x, Ragged) and not np.array_equal(x.row_splits, weights.row_splits):
        raise SchemaError("lists of weights of other lengths than those of values", hint="give one a value")


def count_vector(x: Column, depth: int, weights: Column | None = None) -> Column:
    """How often each index of [0, depth) occurs in each row: float32 [depth]. Indices outside are left out.

    Weights are added up in float64, in their order.

    Args:
        x: A column of integers: lists of any length, rows of one length, or one a row.
        depth: How many indices there are.
        weights: Numbers, one a value: what each occurrence counts, instead of 1.
    """
    return apply(CountVector(depth), *((x,) if weights is None else (x, weights)))


@composite
def multi_hot(x: Column, depth: int) -> Column:
    """Which indices of [0, depth) occur in each row: float32 [depth] of 0 and 1. See `count_vector`."""
    return cast_to(count_vector(x, depth) > 0, "float32")
