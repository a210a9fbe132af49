"""Normalization of numbers to mean 0 and variance 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from headrace.arguments import check_flag, check_integer
from headrace.errors import TraceError, UsageError
from headrace.layers.layer import PreprocessingLayer
from headrace.transform import maximum, mean, sqrt, var
from headrace.transform.analyzers import mean_remainder
from headrace.transform.tracing import Column, cast_to, constant

__all__ = ["Normalization"]

_EPSILON = 1e-7  # Keras's


class Normalization(PreprocessingLayer):
    """Computes (x - mean) / max(sqrt(variance), 1e-7), like `keras.layers.Normalization`.

    The result for integers is float32; they keep their digits until then. NaN is ignored in the statistics,
    and remains NaN. A column of scalars has one mean and variance, for every `axis`; a column of lists
    requires `axis=None`.

    Args:
        axis: The axis or axes whose elements each have a mean and variance, counted as in Keras: axis 0 is
            the rows, -1 the last. None computes one mean and variance for all values.
        mean: The mean, if known: a number, or numbers along the last of the axes. The layer then needs no
            adapting.
        variance: The variance, passed together with the mean, in the same shape.
        invert: Whether to invert the normalization: x * max(sqrt(variance), 1e-7) + mean. Adapt the layer to
            the original values.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: Only one of `mean` and `variance` is passed, their shapes differ, or `axis` includes the
            rows.

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
        axes = () if axis is None else axis if isinstance(axis, tuple | list) else (axis,)
        self.axis = tuple(check_integer(each, "axis", -8, 8) for each in axes)
        self.invert = check_flag(invert, "invert")
        if 0 in self.axis:
            raise UsageError("axis 0 is the rows", hint="choose axes from 1 on, or None for all values")
        if (mean is None) != (variance is None):
            raise UsageError("expected both mean and variance", hint="pass both, or adapt the layer")
        moments = (np.asarray(each, np.float64) for each in (mean, variance))
        self._known_moments = None if mean is None else tuple(moments)
        if self._known_moments and self._known_moments[0].shape != self._known_moments[1].shape:
            shapes = " and ".join(str(list(each.shape)) for each in self._known_moments)
            raise UsageError(f"expected mean and variance of one shape, got {shapes}", hint="reshape one")
        if self._known_moments and not (
            np.isfinite(self._known_moments).all() and (self._known_moments[1] >= 0).all()
        ):
            what = f"expected a finite mean and a variance of at least 0, got {mean} and {variance}"
            raise UsageError(what, hint="pass the square of the standard deviation")

    def call(self, x: Column) -> Column:
        """See the class."""
        center, variance = self._moments(x)
        deviation = maximum(sqrt(variance), _EPSILON)
        found = x * deviation + center if self.invert else (x - center) / deviation
        if not self.invert and self._known_moments is None and x.type.dtype in ("int64", "uint64"):
            found = found - mean_remainder(x, self._reduced_axes(x)) / deviation
        return found if x.type.is_float else cast_to(found, "float32")

    def _moments(self, x: Column) -> tuple[Column, Column]:
        if self._known_moments is not None:
            rank, kept = len(x.type.shape), self._kept_axes(x)
            center, variance = (constant(_expand(kept, rank, each)) for each in self._known_moments)
            return center, variance
        axes = self._reduced_axes(x)
        return mean(x, axes), var(x, axes)

    def _reduced_axes(self, x: Column) -> bool | tuple[int, ...]:
        """Return what `mean` takes for the axes that share statistics."""
        kept = self._kept_axes(x)
        others = tuple(axis for axis in range(-len(x.type.shape), 0) if axis not in kept)
        return True if not kept else others or False

    def _kept_axes(self, x: Column) -> list[int]:
        """Return the axes whose elements have separate statistics, as sorted negative numbers."""
        rank = len(x.type.shape)
        if not rank and not x.type.ragged:
            return []
        kept = sorted(axis if axis < 0 else axis - rank - 1 for axis in self.axis)
        if x.type.ragged and kept:
            hint = "choose None: the elements of lists have no statistics of their own"
            raise TraceError(f"axis {self.axis} does not apply to {x.type}", hint=hint)
        if not all(-rank <= axis < 0 for axis in kept):
            what = f"axis {self.axis} is out of range for rows of shape {list(x.type.shape)}"
            raise TraceError(what, hint=f"choose axes from 1 to {rank}, or negative ones")
        return kept


def _expand(kept: list[int], rank: int, values: np.ndarray) -> np.ndarray:
    """Reshape values along the last of the kept axes so that they broadcast against rows."""
    if not values.ndim or not rank:
        return values
    if values.ndim > len(kept):
        what = f"expected a mean along {len(kept)} axes, got shape {list(values.shape)}"
        raise TraceError(what, hint="pass fewer dimensions, or more axes")
    shape = [1] * rank
    for axis, size in zip(kept[len(kept) - values.ndim :], values.shape, strict=True):
        shape[axis] = size
    return values.reshape(shape)
