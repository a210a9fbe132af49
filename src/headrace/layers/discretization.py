"""Discretization of numbers into buckets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from headrace.arguments import check_integer, check_number, is_iterable, show_value
from headrace.errors import UsageError
from headrace.layers.layer import PreprocessingLayer
from headrace.layers.output_mode import check_mode, encode
from headrace.transform import apply_buckets, quantiles
from headrace.transform.tracing import Column

__all__ = ["Discretization"]


class Discretization(PreprocessingLayer):
    """Finds the bucket of each number, like `keras.layers.Discretization`: i if bound i - 1 <= x < bound i.

    Args:
        bin_boundaries: Increasing numbers; n boundaries define n + 1 buckets.
        num_bins: Number of buckets of equal counts to adapt to the data, instead of `bin_boundaries`.
        epsilon: Accepted for compatibility with Keras, without effect: `hr.transform.quantiles` is more exact
            than the default of 0.01. Keras interpolates, while these boundaries are values of the data, so
            the two differ.
        output_mode: "int", "one_hot", "multi_hot" or "count"; see `headrace.layers.output_mode`.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: Both or neither of `bin_boundaries` and `num_bins` are set, or `output_mode` is unknown.

    Example:
        >>> from headrace.layers import Discretization
        >>> Discretization(bin_boundaries=[0.0, 1.0, 2.0])([-1.5, 1.0, 3.4, 0.5])
        array([0, 2, 3, 1])
    """

    def __init__(
        self,
        bin_boundaries: Sequence[float] | None = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        if (bin_boundaries is None) == (num_bins is None):
            raise UsageError("expected either bin_boundaries or num_bins", hint="pass exactly one of them")
        if num_bins is not None:
            check_integer(num_bins, "num_bins", 2)
        check_number(epsilon, "epsilon", above=0, most=1)
        self.bin_boundaries = None if bin_boundaries is None else _check_boundaries(bin_boundaries)
        self.num_bins = None if num_bins is None else check_integer(num_bins, "num_bins", 1)
        self.epsilon = check_number(epsilon, "epsilon", above=0)
        self.output_mode = check_mode(output_mode)

    def call(self, x: Column) -> Column:
        """See the class."""
        if self.bin_boundaries is not None:
            buckets, count = apply_buckets(x, self.bin_boundaries), len(self.bin_boundaries) + 1
        else:
            assert self.num_bins is not None
            buckets, count = apply_buckets(x, quantiles(x, self.num_bins)), self.num_bins
        return encode(buckets, count, self.output_mode)


def _check_boundaries(boundaries: Any) -> list[Any]:
    """Return boundaries as a list, after checking that they are increasing numbers."""
    is_list = isinstance(boundaries, Sequence | np.ndarray) and is_iterable(boundaries)
    if isinstance(boundaries, str) or not is_list:
        what = f"bin_boundaries: expected a list of numbers, got {show_value(boundaries)}"
        raise UsageError(what, hint="pass increasing numbers, or num_bins")
    values: list[Any] = boundaries.tolist() if isinstance(boundaries, np.ndarray) else list(boundaries)
    for value in values:
        check_number(value, "bin_boundaries")
    if not values or any(left >= right for left, right in pairwise(values)):
        what = f"bin_boundaries: expected increasing numbers, got {show_value(values)}"
        raise UsageError(what, hint="sort them, and name each once")
    return values
