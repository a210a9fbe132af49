"""Numbers brought to mean 0 and variance 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from headrace.errors import UsageError
from headrace.layers.layer import PreprocessingLayer
from headrace.transform import maximum, mean, sqrt, var
from headrace.transform.column import Column, constant

__all__ = ["Normalization"]

_EPSILON = 1e-7  # Keras's


class Normalization(PreprocessingLayer):
    """Compute (x - mean) / max(sqrt(variance), 1e-7), as `keras.layers.Normalization`.

    NaN is left out of the statistics, and stays NaN.

    Args:
        axis: -1 gives each place of a row a mean and variance of its own; None has one pair for all values.
        mean: The mean, if it is known: a number, or one for each place. Then nothing has to be adapted.
        variance: The variance, given together with the mean.
        invert: Whether to undo it: x * max(sqrt(variance), 1e-7) + mean. Adapt to the values as they were.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: One of mean and variance without the other, or an axis other than -1 and None.

    Example:
        >>> from headrace.layers import Normalization
        >>> Normalization().adapt([[0.0, 10.0], [2.0, 30.0]])([[1.0, 30.0]])
        array([[0., 1.]], dtype=float32)
    """

    def __init__(
        self,
        axis: int | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        if axis not in (-1, None):
            raise UsageError(f"axis {axis}", way_out="choose -1, each place by itself, or None, all together")
        if (mean is None) != (variance is None):
            raise UsageError("mean and variance belong together", way_out="give both, or adapt the layer")
        self.axis, self.invert = axis, invert
        self._given = None if mean is None else (np.float64(mean), np.float64(variance))

    def call(self, x: Column) -> Column:
        """See the class."""
        if self._given is None:
            center, spread = mean(x, self.axis is None), var(x, self.axis is None)
        else:
            center, spread = map(constant, self._given)
        deviation = maximum(sqrt(spread), _EPSILON)
        return x * deviation + center if self.invert else (x - center) / deviation
