"""Rescaling of numbers by a factor and an offset."""

from __future__ import annotations

from typing import Any

import numpy as np

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
        self.scale, self.offset = np.float64(scale), np.float64(offset)

    def call(self, x: Column) -> Column:
        """See the class."""
        found = as_floats(x) * constant(self.scale) + constant(self.offset)
        return found if x.type.is_float else cast_to(found, "float32")
