"""Scaling and buckets by the statistics of the rows with the same key.

A key that the analysed data did not contain, or an empty key, has neutral statistics: numbers are unchanged.
The bucket of such a row is -1.
"""

from __future__ import annotations

from headrace.transform.analyzers import max as max_of
from headrace.transform.analyzers import mean, mean_remainder, per_key, quantiles, standard_deviation
from headrace.transform.analyzers import min as min_of
from headrace.transform.graph.composite import composite
from headrace.transform.mappers.headroom import keep_digits
from headrace.transform.mappers.scale import check_output_range, divide_by_span
from headrace.transform.ops import apply_vocabulary, lookup, where
from headrace.transform.ops.numbers.apply_buckets import BucketsOfRow
from headrace.transform.tracing.column import Column, apply, as_floats, cast_to
from headrace.transform.tracing.operators import subtract_exactly
from headrace.transform.tracing.promotion import holds_64_bits

__all__ = [
    "bucketize_per_key",
    "lookup_statistic",
    "scale_by_min_max_per_key",
    "scale_per_key",
    "scale_to_0_1_per_key",
    "scale_to_z_score_per_key",
]


_HALF = 0.5


def lookup_statistic(statistic: Column, key: Column, neutral: float) -> Column:
    """Look up the statistic of each row's key; `neutral` for a key that the analysed data did not contain."""
    keys, values = per_key(statistic, key)
    return lookup(apply_vocabulary(key, keys), values, neutral)


def scale_per_key(
    x: Column, key: Column, location: Column, scale: Column, remainder: Column | None = None
) -> Column:
    """Compute (x - location) / scale with the statistics of each row's key: float64.

    x is unchanged for a key that the analysed data did not contain.

    Args:
        x: A column of numbers.
        key: A column of strings.
        location: A statistic of x.
        scale: A statistic of x; 0 counts as 1.
        remainder: What `location` lacks, if x holds more digits than float64.
    """
    scales = lookup_statistic(scale, key, 1.0)
    distance = _difference(x, lookup_statistic(location, key, 0.0))
    if remainder is not None:
        distance = distance - lookup_statistic(remainder, key, 0.0)
    divisor = where(scales > 0, scales, 1.0)
    return distance / (divisor * _HALF if x.type.is_float else divisor)


def _difference(first: Column, second: Column) -> Column:
    """Compute first - second as float64; half of it for floats, as the whole could overflow."""
    if first.type.is_integer:
        return subtract_exactly(first, second)
    return cast_to(first, "float64") * _HALF - cast_to(second, "float64") * _HALF


@composite
def scale_to_z_score_per_key(x: Column, key: Column) -> Column:
    """Scale x to mean 0 and variance 1 among the rows with the same key; see `scale_to_z_score`.

    Args:
        x: A column of numbers; the result for integers is float32.
        key: A column of strings; convert integers by `as_string`.
    """
    numbers = keep_digits(x)
    remainder = mean_remainder(numbers) if holds_64_bits(numbers.type) else None
    scaled = scale_per_key(numbers, key, mean(numbers), standard_deviation(numbers), remainder)
    return cast_to(scaled, x.type.dtype if x.type.is_float else "float32")


@composite
def scale_by_min_max_per_key(
    x: Column, key: Column, output_min: float = 0.0, output_max: float = 1.0
) -> Column:
    """Scale x to [output_min, output_max] by the extrema of the rows with the same key.

    A key that the analysed data did not contain has the extrema 0 and 1. See `scale_by_min_max`.

    Args:
        x: A column of numbers; the result for integers is float32.
        key: A column of strings; convert integers by `as_string`.
        output_min: The result for the smallest value of a key.
        output_max: The result for the largest value of a key.

    Raises:
        TraceError: `output_min` is not below `output_max`.
    """
    check_output_range(output_min, output_max)
    numbers = keep_digits(x)
    low, high = (
        lookup_statistic(each, key, neutral) for each, neutral in ((min_of(numbers), 0), (max_of(numbers), 1))
    )
    span = _difference(high, low)
    unit = divide_by_span(_difference(numbers, low), span)
    if (output_min, output_max) != (0.0, 1.0):
        unit = unit * (output_max - output_min) + output_min
    return cast_to(unit, x.type.dtype if x.type.is_float else "float32")


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
    keys, boundaries = per_key(quantiles(x, num_buckets), key)
    x = as_floats(x, "float64")
    index = apply_vocabulary(key, keys)
    buckets = apply(BucketsOfRow(), x, cast_to(lookup(index, boundaries), x.type.dtype))
    return where(index >= 0, buckets, -1)
