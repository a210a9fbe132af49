"""Lists of indices as vectors of how often each occurs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.column import Column, apply, cast_to
from headrace.transform.op import Op

__all__ = ["count_vector", "multi_hot"]


@dataclass(frozen=True)
class CountVector(Op):
    """How often each index of [0, depth) occurs in a row; others are left out."""

    depth: int

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_integer or x.dtype == "uint64" or len(x.shape) > 1:
            raise TraceError(f"count_vector takes integers, and {x} came in", way_out="look them up first")
        if not 1 <= self.depth < 2**31:
            raise TraceError(f"a vector of {self.depth} counts", way_out="choose a depth of 1 or more")
        return ColumnType("float32", (self.depth,))

    def evaluate(self, *values: Any) -> Any:
        (x,) = values
        if isinstance(x, Ragged):
            rows, flat, count = np.diff(x.row_splits), x.values, len(x.row_splits) - 1
        else:
            rows, flat, count = x[:1].size or 1, x.reshape(-1), len(x)
        row = np.repeat(np.arange(count), rows)
        inside = (flat >= 0) & (flat < self.depth)
        places = row[inside] * self.depth + flat[inside].astype(np.int64)
        counts = np.bincount(places, minlength=count * self.depth)
        return counts.astype(np.float32).reshape(count, self.depth)

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx

        from headrace.transform.ops import onnx_ragged as ragged

        (x,) = values
        zero = ndx.asarray(np.int64(0))
        if isinstance(x, Ragged):
            ids, row = ndx.astype(x.values, ndx.int64), ragged.row_ids(x.values, x.row_splits)
            rows = x.row_splits[1:]
        else:
            ids = ndx.astype(ndx.reshape(x, (-1,)), ndx.int64)
            rows = x if x.ndim == 1 else x[:, 0]
            width = 1 if x.ndim == 1 else x.shape[1]
            row = ragged.places(ids) // ndx.asarray(np.int64(width))
        inside = (ids >= zero) & (ids < np.int64(self.depth))
        place = ndx.where(inside, row * np.int64(self.depth) + ids, zero)
        cells = ndx.reshape(
            ndx.zeros_like(ndx.astype(rows, ndx.float32))[:, None] + np.zeros((1, self.depth), np.float32),
            (-1,),
        )
        # One cell more, so that an empty batch has a place to add nothing to.
        counts = ragged.scatter(cells, place, ndx.astype(inside, ndx.float32), room=1)[:-1]
        return ndx.reshape(counts, (-1, self.depth))


def count_vector(x: Column, depth: int) -> Column:
    """How often each index of [0, depth) occurs in each row: float32 [depth]. Indices outside are left out.

    Args:
        x: A column of integers: lists of any length, rows of one length, or one a row.
        depth: How many indices there are.
    """
    return apply(CountVector(depth), x)


def multi_hot(x: Column, depth: int) -> Column:
    """Which indices of [0, depth) occur in each row: float32 [depth] of 0 and 1. See `count_vector`."""
    return cast_to(count_vector(x, depth) > 0, "float32")
