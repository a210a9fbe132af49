"""Gaussianisation: centre, scale, and shorten the tails of a column."""

from __future__ import annotations

from headrace.transform.analyzers import tukey_h_params, tukey_location, tukey_scale
from headrace.transform.graph.composite import composite
from headrace.transform.mappers.per_key import lookup_statistic
from headrace.transform.ops import inverse_tukey
from headrace.transform.tracing.column import Column, as_floats

__all__ = ["scale_to_gaussian", "scale_to_gaussian_per_key"]


@composite
def scale_to_gaussian(x: Column) -> Column:
    """Map x to approximately Gaussian numbers by inverting Tukey's hh-distribution.

    The result is the z with x = location + scale * z * exp(h * z**2 / 2), with an h for each tail; a column
    without heavy tails is centred and scaled. `tukey_location` describes the fit by L-moments, and
    `inverse_tukey` the inversion. NaN stays NaN.

    Args:
        x: A column of numbers; integers are cast to float32.
    """
    x = as_floats(x)
    left, right = tukey_h_params(x)
    return inverse_tukey((x - tukey_location(x)) / tukey_scale(x), left, right)


@composite
def scale_to_gaussian_per_key(x: Column, key: Column) -> Column:
    """Apply `scale_to_gaussian` with the statistics of the rows with the same key.

    x is unchanged for a key that the analysed data did not contain.

    Args:
        x: A column of numbers; integers are cast to float32.
        key: A column of strings; convert integers by `as_string`.
    """
    x = as_floats(x)
    location = lookup_statistic(tukey_location(x), key, 0.0, x.type.dtype)
    scale = lookup_statistic(tukey_scale(x), key, 1.0, x.type.dtype)
    left, right = (lookup_statistic(h, key, 0.0, "float64") for h in tukey_h_params(x))
    return inverse_tukey((x - location) / scale, left, right)
