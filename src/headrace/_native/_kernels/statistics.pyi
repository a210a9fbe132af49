"""Kernels over columns of numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

def find_buckets(values: NDArray[Any], edges: NDArray[Any]) -> NDArray[np.int64]:
    """Return the number of `edges` at or below each value; NaN counts as above all edges.

    Args:
        values: float32, float64 or int64, [n].
        edges: In ascending order, of the same type, without NaN.
    """

def moments(
    values: NDArray[Any],
    codes: NDArray[np.int32] | None = None,
    groups: int = 1,
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Sum each group's rows, in pairs of doubles with about 106 bits.

    Args:
        values: Booleans, integers, float32 or float64, [rows, width]; NaN is skipped.
        codes: The group of each row, [rows]; None for a single group.
        groups: The number of groups.
        weights: [rows]; rows whose weight is not a finite positive number are skipped. None for weights of 1.

    Returns:
        [groups * width * 7]: over finite values the sums of weights, of weighted values and of weighted
        squares, each as its high and low part; and the sum of infinite values.

    Raises:
        ValueError: A code is not one of the groups, or there is not one code or weight per row.
    """

def merge_moments(out: NDArray[np.float64], states: NDArray[np.float64], places: NDArray[np.int64]) -> None:
    """Add groups of sums to others in place, in pairs of doubles as `moments` does.

    Args:
        out: [groups, width, fields]: the first 7 of at least 7 fields are the results of `moments`.
        states: [rows, width, fields]; other fields are ignored.
        places: The group of `out` that each row of `states` is added to, [rows].

    Raises:
        ValueError: A place is not one of the groups, or shapes do not match.
    """

def extrema(
    values: NDArray[Any],
    codes: NDArray[np.int32] | None = None,
    groups: int = 1,
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return the minimum and maximum of each group's rows, [groups * width * 2].

    Arguments and errors are those of `moments`. Without values they are inf and -inf.
    """
