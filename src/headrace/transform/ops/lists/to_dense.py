"""Lists of any length as rows of one length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import Op, namespace
from headrace.transform.ops.numbers.portable_math import portable_where
from headrace.transform.tracing.column import Column, apply

__all__ = ["to_dense"]


@dataclass(frozen=True)
class ToDense(Op):
    """The first `length` values of each list, and `pad_value` where there are fewer; 0.0 for -0.0."""

    length: int
    pad_value: float = 0

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.ragged or x.is_string:
            raise TraceError(
                f"to_dense takes lists of numbers, and {x} came in", hint="look strings up in a vocabulary"
            )
        if not 1 <= self.length < 2**31:
            raise TraceError(f"rows of {self.length} values", hint="choose a length of 1 or more")
        return ColumnType(x.dtype, (self.length,))

    def evaluate(self, *values: Any) -> Any:
        (x,) = values
        xp = namespace(x.values)
        place = xp.expand_dims(x.row_splits[:-1], axis=1) + xp.arange(self.length, dtype=xp.int64)
        there = place < xp.expand_dims(x.row_splits[1:], axis=1)
        pad = xp.asarray(np.asarray([self.pad_value], dtype=_dtype(x.values)))
        padded = xp.concat([x.values, pad])  # never empty, so that place 0 is always there
        found = xp.take(
            padded, xp.reshape(xp.where(there, place, xp.zeros((), dtype=xp.int64)), (-1,)), axis=0
        )
        return portable_where(xp, there, xp.reshape(found, (-1, self.length)), pad)

    def lower(self, *values: Any) -> Any:
        return self.evaluate(*values)


def _dtype(array: Any) -> np.dtype:
    return array.dtype if isinstance(array, np.ndarray) else array.dtype.unwrap_numpy()


def to_dense(x: Column, length: int, pad_value: float = 0) -> Column:
    """Each list as a row of `length` values: longer ones cut, shorter ones filled up at their end.

    Args:
        x: A ragged column of numbers.
        length: How many values a row shall have.
        pad_value: What stands where a list has no more.
    """
    return apply(ToDense(length, pad_value), x)
