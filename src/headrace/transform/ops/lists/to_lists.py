"""Conversion of rows of fixed length to lists."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import Op
from headrace.transform.tracing.column import Column, apply

__all__ = ["to_lists"]


@dataclass(frozen=True)
class ToLists(Op):
    """The values of each row as a list, in order; a single value becomes a list of one."""

    arity = (1, 1)

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if x.ragged or (x.is_string and x.shape):
            raise TraceError(
                f"to_lists expects rows of fixed length, got {x}", hint="lists need no conversion"
            )
        return ColumnType(x.dtype, ragged=True)

    def evaluate(self, *values: Any) -> Any:
        (x,) = values
        if not isinstance(x, np.ndarray):
            return Ragged(x, np.arange(len(x) + 1, dtype=np.int64))
        return Ragged(x.reshape(-1), np.arange(len(x) + 1, dtype=np.int64) * prod(x.shape[1:]))

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx

        from headrace.transform.ops.lists import onnx_ragged as ragged

        (x,) = values
        width = prod(x.shape[1:])
        flat = ndx.reshape(x, (-1,)) if x.ndim > 1 else x
        ends = (ragged.positions(ndx.reshape(flat, (-1, width))[:, 0]) + np.int64(1)) * np.int64(width)
        return Ragged(flat, ndx.concat([ndx.asarray(np.array([0])), ends]))


def to_lists(x: Column) -> Column:
    """Convert each row of x to a list of its values: a ragged column, the inverse of `to_dense`."""
    return apply(ToLists(), x)
