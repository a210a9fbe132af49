"""Density of the distribution of a column at each of its values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from headrace.transform.analyzers import histogram
from headrace.transform.analyzers import sum as sum_of
from headrace.transform.graph.composite import composite
from headrace.transform.ops import apply_buckets, apply_vocabulary, lookup, where
from headrace.transform.tracing.column import Column, as_floats, cast_to, constant

__all__ = ["estimated_probability_density"]


@composite
def estimated_probability_density(
    x: Column, boundaries: Sequence[float] | int | Column | None = None, categorical: bool = False
) -> Column:
    """Estimate the density of the column's distribution at each value by a histogram: float32.

    It is count / (total * width) of the interval that contains the value; 0 outside of all intervals and for
    NaN. For strings, it is the relative frequency of the value.

    Args:
        x: A column of numbers, or of strings if `categorical`.
        boundaries: The boundaries of the intervals; see `histogram`.
        categorical: The values are strings.
    """
    if categorical:
        counts, words = histogram(x, categorical=True)
        total = sum_of(cast_to(x != "", "float64"))
        return cast_to(lookup(apply_vocabulary(x, words), cast_to(counts, "float64") / total), "float32")
    counts, edges = histogram(x, boundaries)
    x = as_floats(x, "float64")
    size = counts.type.shape[0]
    index = apply_buckets(x, edges) - 1
    index = where(x == lookup(constant(np.int64(size)), edges), size - 1, index)
    total = sum_of(cast_to((index >= 0) & (index < size), "float64"))
    places = np.arange(size)
    widths = lookup(constant(places + 1), edges) - lookup(constant(places), edges)
    return cast_to(lookup(index, counts / (total * widths)), "float32")
