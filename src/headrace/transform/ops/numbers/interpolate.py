"""Positions of numbers among boundaries, scaled to [0, 1]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.ops.numbers.apply_buckets import ApplyBuckets, as_boundaries
from headrace.transform.ops.numbers.portable_math import portable_where
from headrace.transform.tracing.column import Column, apply, as_floats, cast_to

__all__ = ["apply_buckets_with_interpolation"]


@dataclass(frozen=True)
class Interpolate(ElementwiseOp):
    """(i + (x - b[i]) / (b[i + 1] - b[i])) / (n - 1) for x between the i-th of n boundaries and the next.

    0 at and below the first boundary, 1 at and above the last, 0.5 for NaN. Among equal boundaries, the last
    one counts.
    """

    arity = (2, 2)

    def infer(self, *types: ColumnType) -> ColumnType:
        x, boundaries = types
        if not x.is_float or len(boundaries.shape) != 1 or boundaries.dtype != x.dtype:
            raise TraceError(
                f"interpolation expects floats and boundaries of their type, got {x} and {boundaries}",
                hint="cast both to float32",
            )
        return x

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, boundaries = arrays
        last = boundaries.shape[0] - 1
        zero, one = xp.zeros((), dtype=x.dtype), xp.ones((), dtype=x.dtype)
        half = xp.asarray(0.5, dtype=x.dtype)
        if last < 1:  # at most one boundary
            above = x >= boundaries if last == 0 else x >= zero
            return portable_where(xp, xp.isnan(x), half, portable_where(xp, above, one, zero))
        bucket = ApplyBuckets().compute(xp, x, boundaries)
        inside = (bucket > 0) & (bucket <= last)
        index = xp.reshape(xp.where(inside, bucket, xp.ones((), dtype=xp.int64)), (-1,))
        high = _like(xp, xp.take(boundaries, index, axis=0), x)
        low = _like(xp, xp.take(boundaries, index - 1, axis=0), x)
        part = (x - low) / (high - low)
        scaled = (xp.astype(bucket - 1, x.dtype) + part) / xp.asarray(last, dtype=x.dtype)
        beyond = portable_where(xp, bucket > 0, one, zero)
        return portable_where(xp, xp.isnan(x), half, portable_where(xp, inside, scaled, beyond))


def _like(xp: Any, flat: Any, x: Any) -> Any:
    return flat if x.ndim == 1 else xp.reshape(flat, (-1, *x.shape[1:]))


def apply_buckets_with_interpolation(x: Column, bucket_boundaries: Column | Sequence[float]) -> Column:
    """Map each number to [0, 1] by its bucket and its position within the bucket.

    With `quantiles(x, n)` as boundaries, the result is distributed evenly: it estimates the share of values
    below. At and below the first boundary it is 0, at and above the last 1, for NaN 0.5, as in TF Transform.

    Args:
        x: A column of numbers; the result for integers is float32.
        bucket_boundaries: Increasing numbers, or a statistic.
    """
    is_integer = x.type.is_integer
    x = as_floats(x)
    edges = as_boundaries(bucket_boundaries, x)
    found = apply(Interpolate(), x, edges if x.type.is_string else cast_to(edges, x.type.dtype))
    return cast_to(found, "float32") if is_integer else found
