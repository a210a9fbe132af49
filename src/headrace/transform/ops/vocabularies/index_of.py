"""Conversion of integers to their indices in a list of integers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.tracing.column import Column, apply, constant
from headrace.transform.tracing.exact_constants import as_numbers, exact_values

__all__ = ["index_of"]


@dataclass(frozen=True)
class IndexOf(ElementwiseOp):
    """The index of an integer in a list of distinct integers, int64; -1 if it is not in the list."""

    arity = (2, 2)

    def infer(self, *types: ColumnType) -> ColumnType:
        x, numbers = types
        if not x.is_integer or not numbers.is_integer:
            raise TraceError(f"index_of expects integers, got {x} and {numbers}", hint="bucketize floats")
        if "uint64" in (x.dtype, numbers.dtype):
            what = f"index_of expects integers within int64, got {x} and {numbers}"
            raise TraceError(what, hint="cast the column to int64")
        return replace(x, dtype="int64")

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, numbers = (xp.astype(each, xp.int64) for each in arrays)
        if not numbers.shape[0]:
            return xp.full_like(x, -1)
        order = xp.argsort(numbers)
        rising = xp.take(numbers, order, axis=0)
        place = xp.searchsorted(rising, xp.reshape(x, (-1,)))
        place = xp.where(place < rising.shape[0], place, xp.zeros((), dtype=place.dtype))
        found = xp.reshape(xp.take(rising, place, axis=0), x.shape)
        index = xp.reshape(xp.take(order, place, axis=0), x.shape)
        return xp.where(found == x, xp.astype(index, xp.int64), xp.full_like(x, -1))

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx
        import spox.opset.ai.onnx.ml.v4 as ml

        x, numbers = values
        if isinstance(x, Ragged):
            return Ragged(self.lower(x.values, numbers), x.row_splits)
        # LabelEncoder needs at least one key.
        keys, places = (numbers.tolist(), list(range(len(numbers)))) if len(numbers) else ([0], [-1])
        whole = ndx.astype(x, ndx.int64).unwrap_spox()
        return ndx.asarray(ml.label_encoder(whole, keys_int64s=keys, values_int64s=places, default_int64=-1))


def index_of(x: Column, numbers: Column | Sequence[int]) -> Column:
    """Look up the index of each integer of x in `numbers`: int64; -1 if it is not there.

    Args:
        x: A column of integers, of any shape or ragged.
        numbers: Distinct integers, or a statistic of integers.

    Raises:
        TraceError: `x` does not hold integers, or `numbers` contains a number twice.
    """
    if isinstance(numbers, Column):
        return apply(IndexOf(), x, numbers)
    given, held = exact_values(as_numbers(numbers, "index_of"), "int64")
    if not held.all():
        raise TraceError(f"index_of expects integers, got {list(numbers)!r:.100}", hint="bucketize floats")
    if len(np.unique(given)) < len(given):
        raise TraceError(
            "expected distinct numbers, got a list with a number twice", hint="remove repetitions"
        )
    return apply(IndexOf(), x, constant(given))
