"""ONNX building blocks for ragged columns: row numbers, row splits, filters."""

from __future__ import annotations

import ndonnx as ndx
import numpy as np
import spox.opset.ai.onnx.v21 as op

__all__ = ["compress", "filter_row_splits", "positions", "row_ids", "scatter_add", "unique"]


def positions(values: ndx.Array) -> ndx.Array:
    """Number the values from 0: int64 [total]."""
    length = op.reshape(op.shape(values.unwrap_spox(), start=0, end=1), op.const(np.array([], np.int64)))
    return ndx.asarray(op.range(op.const(np.int64(0)), length, op.const(np.int64(1))))


def row_ids(values: ndx.Array, row_splits: ndx.Array) -> ndx.Array:
    """Compute the row of each value: int64 [total]."""
    ends = row_splits[1:]
    return ndx.cumulative_sum(scatter_add(values, ends, ndx.ones_like(ends), room=1))[:-1]


def scatter_add(like: ndx.Array, where: ndx.Array, amounts: ndx.Array, room: int = 0) -> ndx.Array:
    """Add `amounts` at the places `where` to zeros, one per value of `like` and `room` more."""
    size = op.add(op.shape(like.unwrap_spox(), start=0, end=1), op.const(np.array([room])))
    zero = op.cast(op.const(np.array([0])), to=_dtype(amounts))
    zeros = op.expand(zero, size)
    return ndx.asarray(
        op.scatter_elements(zeros, where.unwrap_spox(), amounts.unwrap_spox(), axis=0, reduction="add")
    )


def _dtype(array: ndx.Array) -> np.dtype:
    return array.unwrap_spox().unwrap_tensor().dtype


def compress(values: ndx.Array, keep: ndx.Array) -> ndx.Array:
    """Select the values where `keep` holds."""
    return ndx.asarray(op.compress(values.unwrap_spox(), keep.unwrap_spox(), axis=0))


def filter_row_splits(row_splits: ndx.Array, keep: ndx.Array) -> ndx.Array:
    """Compute the row splits of the values that `keep` selects."""
    kept = ndx.cumulative_sum(ndx.astype(keep, ndx.int64), include_initial=True)
    return ndx.take(kept, row_splits)


def unique(values: ndx.Array) -> tuple[ndx.Array, ndx.Array, ndx.Array, ndx.Array]:
    """Sort the distinct values; return them, their first places, each value's index, and their counts."""
    return tuple(ndx.asarray(each) for each in op.unique(values.unwrap_spox()))  # pyright: ignore[reportReturnType]
