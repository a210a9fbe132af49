"""Gaussianisation: centre, scale, and shorten the tails of a column."""

from __future__ import annotations

from headrace.transform.analyzers import tukey_h_params, tukey_location, tukey_scale
from headrace.transform.graph.composite import composite
from headrace.transform.mappers.headroom import find_headroom, keep_digits, scale_by
from headrace.transform.mappers.per_key import lookup_statistic, scale_per_key
from headrace.transform.ops import inverse_tukey
from headrace.transform.tracing.column import Column, cast_to

__all__ = ["scale_to_gaussian", "scale_to_gaussian_per_key"]


@composite
def scale_to_gaussian(x: Column) -> Column:
    """Map x to approximately Gaussian numbers by inverting Tukey's hh-distribution.

    The result is the z with x = location + scale * z * exp(h * z**2 / 2), with an h for each tail; a column
    without heavy tails is centred and scaled. `tukey_location` describes the fit by L-moments, and
    `inverse_tukey` the inversion. NaN stays NaN.

    Args:
        x: A column of numbers; the result for integers is float32.
    """
    numbers = keep_digits(x)
    location, scale = tukey_location(numbers), tukey_scale(numbers)
    headroom = find_headroom(numbers.type, location, scale)
    distance = scale_by(numbers, headroom) - scale_by(location, headroom)
    score = inverse_tukey(distance / scale_by(scale, headroom), *tukey_h_params(numbers))
    return cast_to(score, x.type.dtype if x.type.is_float else "float32")


@composite
def scale_to_gaussian_per_key(x: Column, key: Column) -> Column:
    """Apply `scale_to_gaussian` with the statistics of the rows with the same key.

    x is unchanged for a key that the analysed data did not contain.

    Args:
        x: A column of numbers; the result for integers is float32.
        key: A column of strings; convert integers by `as_string`.
    """
    numbers = keep_digits(x)
    left, right = (lookup_statistic(h, key, 0.0) for h in tukey_h_params(numbers))
    scaled = scale_per_key(numbers, key, tukey_location(numbers), tukey_scale(numbers))
    return cast_to(inverse_tukey(scaled, left, right), x.type.dtype if x.type.is_float else "float32")
