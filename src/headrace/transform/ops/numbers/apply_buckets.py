"""Assign numbers to buckets by their boundaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from headrace import _native
from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.ops.numbers.elementary import Ceil
from headrace.transform.ops.numbers.missing import FillMissing
from headrace.transform.tracing.column import Column, apply, as_floats, cast_to, constant
from headrace.transform.tracing.exact_constants import as_numbers, round_to_type

__all__ = ["ApplyBuckets", "apply_buckets", "as_boundaries", "is_below"]

_IN_KERNEL = ("float32", "float64", "int64")


@dataclass(frozen=True)
class ApplyBuckets(ElementwiseOp):
    """Index of the bucket of x: the number of boundaries at or below x. NaN goes to the last bucket."""

    arity = (2, 2)

    def infer(self, *types: ColumnType) -> ColumnType:
        x, boundaries = types
        if x.is_string or x.dtype == "bool":
            raise TraceError(f"apply_buckets expects numbers, got {x}", hint="use a vocabulary")
        if len(boundaries.shape) != 1:
            raise TraceError(
                f"expected boundaries in one dimension, got {boundaries}", hint="pass quantiles(x, n)"
            )
        return replace(x, dtype="int64")

    def evaluate(self, *values: Any) -> Any:
        """See `Op.evaluate`. NumPy arrays go through a native kernel; `compute` defines the result."""
        x, boundaries = values
        if isinstance(x, Ragged):
            return Ragged(self.evaluate(x.values, boundaries), x.row_splits)
        if not isinstance(x, np.ndarray) or str(x.dtype) not in _IN_KERNEL:
            return super().evaluate(x, boundaries)
        edges = replace_nan_boundaries(np.ascontiguousarray(boundaries, x.dtype))
        return _native.find_buckets(np.ascontiguousarray(x).reshape(-1), edges).reshape(x.shape)

    def lower(self, *values: Any) -> Any:
        """See `Op.lower`: counts the boundaries that x is not below; for NaN, all of them."""
        import ndonnx as ndx

        x, boundaries = values
        if isinstance(x, Ragged):
            return Ragged(self.lower(x.values, boundaries), x.row_splits)
        passed = ndx.logical_not(is_below(x, boundaries))
        return ndx.sum(ndx.astype(passed, ndx.int64), axis=-1)

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, boundaries = arrays
        if x.ndim > 1:  # ndonnx supports searchsorted in one dimension only
            found = self.compute(xp, xp.reshape(x, (-1,)), boundaries)
            return xp.reshape(found, (-1, *x.shape[1:]))
        if not xp.isdtype(x.dtype, "real floating"):
            return xp.astype(xp.searchsorted(boundaries, x, side="right"), xp.int64)
        # The order of NaN among the boundaries is undefined, so place it at infinity.
        boundaries = xp.where(xp.isnan(boundaries), xp.asarray(xp.inf, dtype=x.dtype), boundaries)
        missing = xp.isnan(x)
        found = xp.searchsorted(boundaries, xp.where(missing, xp.zeros((), dtype=x.dtype), x), side="right")
        last = xp.asarray(boundaries.shape[0], dtype=xp.int64)
        return xp.where(missing, last, xp.astype(found, xp.int64))


@dataclass(frozen=True)
class BucketsOfRow(ElementwiseOp):
    """`ApplyBuckets` with different boundaries in each row: floats [rows, boundaries]."""

    arity = (2, 2)

    def infer(self, *types: ColumnType) -> ColumnType:
        x, boundaries = types
        if not x.is_float or x.shape or x.ragged or len(boundaries.shape) != 1 or boundaries.dtype != x.dtype:
            raise TraceError(
                f"expected one float and its boundaries per row, got {x} and {boundaries}",
                hint="cast both to float64",
            )
        return ColumnType("int64")

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, boundaries = arrays
        x = xp.expand_dims(x, axis=-1)
        return xp.sum(xp.astype((x >= boundaries) | xp.isnan(x), xp.int64), axis=-1)


def replace_nan_boundaries(boundaries: np.ndarray) -> np.ndarray:
    """Replace NaN boundaries by infinity, where sorting places them."""
    if boundaries.dtype.kind != "f":
        return boundaries
    return np.where(np.isnan(boundaries), np.array(np.inf, boundaries.dtype), boundaries)


def is_below(x: Any, boundaries: np.ndarray) -> Any:
    """Compare each x with every boundary: `ndonnx` bool [..., boundaries], all False for NaN."""
    import ndonnx as ndx

    return ndx.expand_dims(x, axis=-1) < ndx.asarray(replace_nan_boundaries(np.asarray(boundaries)))


def apply_buckets(x: Column, boundaries: Column | Sequence[float]) -> Column:
    """Assign each number to a bucket: int64 in [0, len(boundaries)].

    Bucket i holds boundaries[i - 1] <= x < boundaries[i], as in TF Transform and Keras. NaN goes to the last
    bucket.

    Args:
        x: A column of numbers of any shape, or ragged. Integers are compared exactly, but those of uint64
            as float64.
        boundaries: Increasing numbers, or a statistic such as `quantiles(x, n)`.

    Raises:
        TraceError: `x` holds strings, or the boundaries are not increasing.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> batch = pa.record_batch({"age": [7.0, 30.0, 65.0]})
        >>> buckets = hr.transform.analyze(
        ...     lambda x: {"bucket": hr.transform.apply_buckets(x["age"], [18, 65])}, [batch]
        ... )
        >>> buckets(batch)["bucket"].to_pylist()
        [0, 1, 2]
    """
    edges = as_boundaries(boundaries, x)
    if x.type.is_integer and x.type.dtype != "uint64" and not edges.type.is_string:
        x = cast_to(x, "int64")
        return apply(ApplyBuckets(), x, edges if edges.type.is_integer else _round_up(edges))
    x = as_floats(x, "float64")
    return apply(ApplyBuckets(), x, edges if x.type.is_string else cast_to(edges, x.type.dtype))


def _round_up(boundaries: Column) -> Column:
    """Round boundaries up to int64: an integer is below a number if it is below the next integer."""
    largest = apply(FillMissing(), cast_to(boundaries, "float64"), constant(np.float64(np.inf)))
    return cast_to(apply(Ceil(), largest), "int64")


def as_boundaries(boundaries: Column | Sequence[float], x: Column) -> Column:
    """Convert increasing numbers to a constant in the type of `x`; return a statistic unchanged.

    Raises:
        TraceError: The numbers are not increasing.
    """
    if isinstance(boundaries, Column):
        return boundaries
    given = as_numbers(boundaries, "bucket boundaries")
    numbers = given.reshape(-1).tolist()
    if given.ndim != 1 or any(not first <= second for first, second in pairwise([*numbers, np.inf])):
        raise TraceError(f"expected increasing bucket boundaries, got {list(boundaries)}", hint="sort them")
    if x.type.is_string:
        return constant(np.array(numbers, np.float64))
    is_exact = x.type.is_integer and x.type.dtype != "uint64"
    bounds = round_to_type(given, "int64" if is_exact else as_floats(x, "float64").type.dtype, up=True)
    return constant(bounds.values[~bounds.above])
