"""Scaling and buckets by the statistics of the rows with the same key.

A key that the analysed data did not contain, or an empty key, has neutral statistics: numbers are unchanged.
The bucket of such a row is -1.
"""

from __future__ import annotations

from headrace.errors import TraceError
from headrace.transform.analyzers import max as max_of
from headrace.transform.analyzers import mean, per_key, quantiles, standard_deviation
from headrace.transform.analyzers import min as min_of
from headrace.transform.graph.composite import composite
from headrace.transform.ops import apply_vocabulary, lookup, where
from headrace.transform.ops.numbers.apply_buckets import BucketsOfRow
from headrace.transform.tracing.column import Column, apply, as_floats, cast_to

__all__ = [
    "bucketize_per_key",
    "lookup_statistic",
    "scale_by_min_max_per_key",
    "scale_to_0_1_per_key",
    "scale_to_z_score_per_key",
]


def lookup_statistic(statistic: Column, key: Column, neutral: float, dtype: str) -> Column:
    """Look up the statistic of each row's key; `neutral` for a key that the analysed data did not contain."""
    keys, values = per_key(statistic, key)
    return cast_to(lookup(apply_vocabulary(key, keys), values, neutral), dtype)


@composite
def scale_to_z_score_per_key(x: Column, key: Column) -> Column:
    """Scale x to mean 0 and variance 1 among the rows with the same key; see `scale_to_z_score`.

    Args:
        x: A column of numbers; integers are cast to float32.
        key: A column of strings; convert integers by `as_string`.
    """
    x = as_floats(x)
    deviation = lookup_statistic(standard_deviation(x), key, 1.0, x.type.dtype)
    return (x - lookup_statistic(mean(x), key, 0.0, x.type.dtype)) / where(deviation > 0, deviation, 1.0)


@composite
def scale_by_min_max_per_key(
    x: Column, key: Column, output_min: float = 0.0, output_max: float = 1.0
) -> Column:
    """Scale x to [output_min, output_max] by the extrema of the rows with the same key.

    A key that the analysed data did not contain has the extrema 0 and 1. See `scale_by_min_max`.

    Args:
        x: A column of numbers; integers are cast to float32.
        key: A column of strings; convert integers by `as_string`.
        output_min: The result for the smallest value of a key.
        output_max: The result for the largest value of a key.

    Raises:
        TraceError: `output_min` is not below `output_max`.
    """
    if output_min >= output_max:
        raise TraceError(
            f"expected output_min < output_max, got {output_min} and {output_max}", hint="swap them"
        )
    x = as_floats(x)
    low = lookup_statistic(min_of(x), key, 0.0, x.type.dtype)
    span = lookup_statistic(max_of(x), key, 1.0, x.type.dtype) - low
    unit = where(span > 0, (x - low) / where(span > 0, span, 1.0), 0.5)
    return unit * (output_max - output_min) + output_min if (output_min, output_max) != (0.0, 1.0) else unit


@composite
def scale_to_0_1_per_key(x: Column, key: Column) -> Column:
    """Scale x to [0, 1] by the extrema of the rows with the same key; see `scale_by_min_max_per_key`."""
    return scale_by_min_max_per_key(x, key, 0.0, 1.0)


@composite
def bucketize_per_key(x: Column, key: Column, num_buckets: int) -> Column:
    """Assign each number to a bucket by the quantiles of its key: int64 in [0, num_buckets).

    The bucket is -1 for a key that the analysed data did not contain. See `bucketize`.

    Args:
        x: A column of numbers.
        key: A column of strings; convert integers by `as_string`.
        num_buckets: The number of buckets, at least 2.
    """
    x = as_floats(x, "float64")
    keys, boundaries = per_key(quantiles(x, num_buckets), key)
    index = apply_vocabulary(key, keys)
    buckets = apply(BucketsOfRow(), x, cast_to(lookup(index, boundaries), x.type.dtype))
    return where(index >= 0, buckets, -1)
