"""Rescaling of numbers by a factor and an offset."""

from __future__ import annotations

from typing import Any

import numpy as np

from headrace.arguments import show_value
from headrace.errors import UsageError
from headrace.layers.layer import PreprocessingLayer
from headrace.transform.tracing import Column, as_floats, cast_to, constant

__all__ = ["Rescaling"]


class Rescaling(PreprocessingLayer):
    """Computes x * scale + offset in floats, like `keras.layers.Rescaling`.

    Args:
        scale: A number, or one number per element of the last axis.
        offset: A number, or one number per element of the last axis.
        name: See `PreprocessingLayer`.

    Example:
        >>> from headrace.layers import Rescaling
        >>> Rescaling(1 / 4, offset=-1)([0, 4, 8])
        array([-1.,  0.,  1.], dtype=float32)
    """

    def __init__(self, scale: Any, offset: Any = 0.0, name: str | None = None) -> None:
        super().__init__(name)
        self.scale, self.offset = (_as_factor(*pair) for pair in ((scale, "scale"), (offset, "offset")))

    def call(self, x: Column) -> Column:
        """See the class."""
        found = as_floats(x) * constant(self.scale) + constant(self.offset)
        return found if x.type.is_float else cast_to(found, "float32")


def _as_factor(value: Any, name: str) -> np.ndarray:
    try:
        factor = np.asarray(value, np.float64)
    except (TypeError, ValueError, OverflowError):
        factor = np.asarray(np.nan)
    if not np.isfinite(factor).all():
        hint = "pass a number, or one per element of the last axis"
        raise UsageError(f"{name}: expected finite numbers, got {show_value(value)}", hint=hint)
    return factor
