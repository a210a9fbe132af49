"""Conversion of lists to rows of fixed length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import Op, namespace
from headrace.transform.ops.numbers.portable_math import portable_where
from headrace.transform.tracing.column import Column, apply
from headrace.transform.tracing.exact_constants import check_held

__all__ = ["to_dense"]


@dataclass(frozen=True)
class ToDense(Op):
    """The first `length` values of each list, padded by `pad_value`; -0.0 becomes 0.0."""

    arity = (1, 1)

    length: int
    pad_value: float = 0

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.ragged or x.is_string:
            raise TraceError(
                f"to_dense expects lists of numbers, got {x}", hint="look strings up in a vocabulary"
            )
        if not 1 <= self.length < 2**31:
            raise TraceError(
                f"expected a length of at least 1, got {self.length}", hint="choose the length of a row"
            )
        return ColumnType(x.dtype, (self.length,))

    def evaluate(self, *values: Any) -> Any:
        (x,) = values
        xp = namespace(x.values)
        place = xp.expand_dims(x.row_splits[:-1], axis=1) + xp.arange(self.length, dtype=xp.int64)
        there = place < xp.expand_dims(x.row_splits[1:], axis=1)
        pad = xp.asarray(np.asarray([self.pad_value], dtype=_dtype(x.values)))
        padded = xp.concat([x.values, pad])  # never empty, so that place 0 exists
        found = xp.take(
            padded, xp.reshape(xp.where(there, place, xp.zeros((), dtype=xp.int64)), (-1,)), axis=0
        )
        return portable_where(xp, there, xp.reshape(found, (-1, self.length)), pad)

    def lower(self, *values: Any) -> Any:
        return self.evaluate(*values)


def _dtype(array: Any) -> np.dtype:
    return array.dtype if isinstance(array, np.ndarray) else array.dtype.unwrap_numpy()


def to_dense(x: Column, length: int, pad_value: float = 0) -> Column:
    """Convert each list to a row of `length` values: truncate longer lists, pad shorter ones at the end.

    Args:
        x: A ragged column of numbers.
        length: The number of values of a row.
        pad_value: The value that pads shorter lists.

    Returns:
        A column of shape [length], in the type of `x`.

    Raises:
        TraceError: `x` is not a ragged column of numbers, or its type does not hold `pad_value`.
    """
    if not x.type.is_string:
        check_held(np.asarray(pad_value), x.type.dtype, f"pad_value {pad_value}")
    return apply(ToDense(length, pad_value), x)
