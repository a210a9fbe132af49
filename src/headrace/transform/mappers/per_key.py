"""Each row scaled by its key's statistics.

A key that the data set did not have, and a row without one (an empty key), has the neutral statistics: its
numbers stay as they are. The buckets of such a row are -1.
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
    """For each row the statistic of its key's rows, or `neutral` for a key that the data set did not have."""
    keys, values = per_key(statistic, key)
    return cast_to(lookup(apply_vocabulary(key, keys), values, neutral), dtype)


@composite
def scale_to_z_score_per_key(x: Column, key: Column) -> Column:
    """(x - mean) / standard deviation, of the rows with the same key; see `scale_to_z_score`.

    Args:
        x: A column of numbers; integers become float32.
        key: A column of strings; of integers by `as_string`.
    """
    x = as_floats(x)
    deviation = lookup_statistic(standard_deviation(x), key, 1.0, x.type.dtype)
    return (x - lookup_statistic(mean(x), key, 0.0, x.type.dtype)) / where(deviation > 0, deviation, 1.0)


@composite
def scale_by_min_max_per_key(
    x: Column, key: Column, output_min: float = 0.0, output_max: float = 1.0
) -> Column:
    """Move and stretch each key's x to [output_min, output_max] by its extremes; see `scale_by_min_max`.

    A key that the data set did not have is taken to have the extremes 0 and 1.

    Raises:
        TraceError: `output_min` is not below `output_max`.
    """
    if output_min >= output_max:
        raise TraceError(f"scaling to [{output_min}, {output_max}]", hint="give the smaller one first")
    x = as_floats(x)
    low = lookup_statistic(min_of(x), key, 0.0, x.type.dtype)
    span = lookup_statistic(max_of(x), key, 1.0, x.type.dtype) - low
    unit = where(span > 0, (x - low) / where(span > 0, span, 1.0), 0.5)
    return unit * (output_max - output_min) + output_min if (output_min, output_max) != (0.0, 1.0) else unit


@composite
def scale_to_0_1_per_key(x: Column, key: Column) -> Column:
    """Move and stretch each key's x to [0, 1] by its extremes; see `scale_by_min_max_per_key`."""
    return scale_by_min_max_per_key(x, key, 0.0, 1.0)


@composite
def bucketize_per_key(x: Column, key: Column, num_buckets: int) -> Column:
    """The bucket of each number among its key's, int64 in [0, num_buckets); -1 for an unknown key."""
    x = as_floats(x, "float64")
    keys, boundaries = per_key(quantiles(x, num_buckets), key)
    index = apply_vocabulary(key, keys)
    buckets = apply(BucketsOfRow(), x, cast_to(lookup(index, boundaries), x.type.dtype))
    return where(index >= 0, buckets, -1)
