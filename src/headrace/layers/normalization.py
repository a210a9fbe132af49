"""Numbers brought to mean 0 and variance 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from headrace.errors import TraceError, UsageError
from headrace.layers.layer import PreprocessingLayer
from headrace.transform import maximum, mean, sqrt, var
from headrace.transform.tracing import Column, constant

__all__ = ["Normalization"]

_EPSILON = 1e-7  # Keras's


class Normalization(PreprocessingLayer):
    """Compute (x - mean) / max(sqrt(variance), 1e-7), as `keras.layers.Normalization`.

    NaN is left out of the statistics, and stays NaN. A column of single numbers has one mean and variance,
    whatever the axis; lists of any length have one with None.

    Args:
        axis: The axis, or axes, whose places have a mean and variance each, counted as in Keras: axis 0 is
            the rows, -1 the last. None has one pair for all values.
        mean: The mean, if it is known: a number, or numbers along the last of the axes. Then nothing has to
            be adapted.
        variance: The variance, given together with the mean, in the same shape.
        invert: Whether to undo it: x * max(sqrt(variance), 1e-7) + mean. Adapt to the values as they were.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: One of mean and variance without the other, or axis 0, as no row has a mean of its own.

    Example:
        >>> from headrace.layers import Normalization
        >>> Normalization().adapt([[0.0, 10.0], [2.0, 30.0]])([[1.0, 30.0]])
        array([[0., 1.]], dtype=float32)
    """

    def __init__(
        self,
        axis: int | tuple[int, ...] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.invert = invert
        if 0 in self.axis:
            raise UsageError("axis 0, the rows", hint="choose axes from 1 on, or None: all together")
        if (mean is None) != (variance is None):
            raise UsageError("mean and variance belong together", hint="give both, or adapt the layer")
        both = (np.asarray(each, np.float64) for each in (mean, variance))
        self._given = None if mean is None else tuple(both)
        if self._given and self._given[0].shape != self._given[1].shape:
            shapes = " and ".join(str(list(each.shape)) for each in self._given)
            raise UsageError(f"mean and variance of shapes {shapes}", hint="give both in one shape")

    def call(self, x: Column) -> Column:
        """See the class."""
        center, spread = self._moments(x)
        deviation = maximum(sqrt(spread), _EPSILON)
        return x * deviation + center if self.invert else (x - center) / deviation

    def _moments(self, x: Column) -> tuple[Column, Column]:
        rank = len(x.type.shape)
        kept = self._kept(x)
        if self._given is not None:
            center, spread = (constant(_along(kept, rank, each)) for each in self._given)
            return center, spread
        others = tuple(axis for axis in range(-rank, 0) if axis not in kept)
        axes = True if not kept else others or False
        return mean(x, axes), var(x, axes)

    def _kept(self, x: Column) -> list[int]:
        """The axes of a row whose places have statistics of their own, from the end, rising."""
        rank = len(x.type.shape)
        if not rank and not x.type.ragged:
            return []
        kept = sorted(axis if axis < 0 else axis - rank - 1 for axis in self.axis)
        if x.type.ragged and kept:
            raise TraceError(f"axis {self.axis} of {x.type}", hint="choose None: lists have no places")
        if not all(-rank <= axis < 0 for axis in kept):
            raise TraceError(f"axis {self.axis} of rows of shape {list(x.type.shape)}", hint="count again")
        return kept


def _along(kept: list[int], rank: int, values: np.ndarray) -> np.ndarray:
    """Values in a shape that meets rows: their axes are the last of those kept."""
    if not values.ndim or not rank:
        return values
    if values.ndim > len(kept):
        raise TraceError(f"a mean of shape {list(values.shape)} along {len(kept)} axes", hint="give fewer")
    shape = [1] * rank
    for axis, size in zip(kept[len(kept) - values.ndim :], values.shape, strict=True):
        shape[axis] = size
    return values.reshape(shape)
