"""Numbers to the buckets they fall into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headrace import _native
from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.tracing.column import Column, apply, as_floats, cast_to, constant

__all__ = ["ApplyBuckets", "apply_buckets", "as_boundaries", "is_below"]

_IN_KERNEL = ("float32", "float64", "int64")


@dataclass(frozen=True)
class ApplyBuckets(ElementwiseOp):
    """The number of boundaries at or below x; NaN goes to the last bucket, as sorting would have it."""

    def infer(self, *types: ColumnType) -> ColumnType:
        x, boundaries = types
        if x.is_string or x.dtype == "bool":
            raise TraceError(f"buckets are for numbers, and {x} came in", hint="use a vocabulary")
        if len(boundaries.shape) != 1:
            raise TraceError(
                f"boundaries are one list of numbers, not {boundaries}", hint="pass quantiles(x, n)"
            )
        return replace(x, dtype="int64")

    def evaluate(self, *values: Any) -> Any:
        """`compute` says what is found; on NumPy a kernel finds it."""
        x, boundaries = values
        if isinstance(x, Ragged):
            return Ragged(self.evaluate(x.values, boundaries), x.row_splits)
        if not isinstance(x, np.ndarray) or str(x.dtype) not in _IN_KERNEL:
            return super().evaluate(x, boundaries)
        edges = replace_nan_boundaries(np.ascontiguousarray(boundaries, x.dtype))
        return _native.find_buckets(np.ascontiguousarray(x).reshape(-1), edges).reshape(x.shape)

    def lower(self, *values: Any) -> Any:
        """See `Op.lower`: the boundaries that x is not below, all of them if it is NaN."""
        import ndonnx as ndx

        x, boundaries = values
        if isinstance(x, Ragged):
            return Ragged(self.lower(x.values, boundaries), x.row_splits)
        passed = ndx.logical_not(is_below(x, boundaries))
        return ndx.sum(ndx.astype(passed, ndx.int64), axis=-1)

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, boundaries = arrays
        if x.ndim > 1:  # searchsorted of ndonnx takes one dimension
            found = self.compute(xp, xp.reshape(x, (-1,)), boundaries)
            return xp.reshape(found, (-1, *x.shape[1:]))
        if not xp.isdtype(x.dtype, "real floating"):
            return xp.astype(xp.searchsorted(boundaries, x, side="right"), xp.int64)
        # Where a NaN boundary belongs is open as well: at infinity.
        boundaries = xp.where(xp.isnan(boundaries), xp.asarray(xp.inf, dtype=x.dtype), boundaries)
        missing = xp.isnan(x)
        found = xp.searchsorted(boundaries, xp.where(missing, xp.zeros((), dtype=x.dtype), x), side="right")
        last = xp.asarray(boundaries.shape[0], dtype=xp.int64)
        return xp.where(missing, last, xp.astype(found, xp.int64))


@dataclass(frozen=True)
class BucketsOfRow(ElementwiseOp):
    """How many of the row's boundaries are at or below x; all of them for NaN. See `ApplyBuckets`."""

    def infer(self, *types: ColumnType) -> ColumnType:
        x, boundaries = types
        if not x.is_float or x.shape or x.ragged or len(boundaries.shape) != 1 or boundaries.dtype != x.dtype:
            raise TraceError(f"buckets of {x} by {boundaries} a row", hint="give one float a row")
        return ColumnType("int64")

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, boundaries = arrays
        x = xp.expand_dims(x, axis=-1)
        return xp.sum(xp.astype((x >= boundaries) | xp.isnan(x), xp.int64), axis=-1)


def replace_nan_boundaries(boundaries: np.ndarray) -> np.ndarray:
    """The boundaries to compare with: NaN belongs at infinity."""
    if boundaries.dtype.kind != "f":
        return boundaries
    return np.where(np.isnan(boundaries), np.array(np.inf, boundaries.dtype), boundaries)


def is_below(x: Any, boundaries: np.ndarray) -> Any:
    """Which boundaries each x is below, none if it is NaN: an `ndonnx` bool [..., boundaries]."""
    import ndonnx as ndx

    return ndx.expand_dims(x, axis=-1) < ndx.asarray(replace_nan_boundaries(np.asarray(boundaries)))


def apply_buckets(x: Column, boundaries: Column | Sequence[float]) -> Column:
    """The bucket each number falls into, int64 in [0, len(boundaries)].

    Bucket i holds boundaries[i - 1] <= x < boundaries[i], as in TF Transform and Keras; NaN goes to the last.

    Args:
        x: A column of numbers.
        boundaries: Rising numbers, or `quantiles(x, n)`.
    """
    edges = as_boundaries(boundaries)
    x = as_floats(x, "float64")
    return apply(ApplyBuckets(), x, edges if x.type.is_string else cast_to(edges, x.type.dtype))


def as_boundaries(boundaries: Column | Sequence[float]) -> Column:
    """Rising numbers as a constant; a statistic as it is.

    Raises:
        TraceError: The numbers do not rise.
    """
    if isinstance(boundaries, Column):
        return boundaries
    given = np.asarray(boundaries, np.float64)
    if not np.all(given[:-1] <= given[1:]) or np.isnan(given).any():
        raise TraceError(f"bucket boundaries {list(boundaries)} do not rise", hint="sort them")
    return constant(given)
