"""Random crops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any, ClassVar

import numpy as np
from torch import Generator

from headrace.arguments import check_integer, show_value
from headrace.errors import UsageError
from headrace.vision.augment.geometry import GeometricStep, Maps, Size, affine
from headrace.vision.augment.ranges import integers, span, uniform

__all__ = ["RandomCrop", "RandomResizedCrop"]


@dataclass(frozen=True)
class RandomCrop(GeometricStep):
    """A window of fixed size at a random position (A. Krizhevsky et al., NIPS 2012: 224 x 224 of 256 x 256).

    Attributes:
        height: Height of the window, in pixels.
        width: Width of the window, in pixels.
        padding: Pixels that the window may extend over each edge; `fill` of `compose` defines their values.
    """

    exact: ClassVar[bool] = True
    height: int
    width: int
    padding: int = 0

    def __post_init__(self) -> None:
        """Check the size and the padding."""
        check_integer(self.height, "height of RandomCrop", 1)
        check_integer(self.width, "width of RandomCrop", 1)
        check_integer(self.padding, "padding of RandomCrop")

    def sample(self, count: int, size: Size, generator: Generator) -> tuple[Maps, Size]:
        """See `GeometricStep.sample`."""
        down, right = size[0] + 2 * self.padding - self.height, size[1] + 2 * self.padding - self.width
        if min(down, right) < 0:
            raise UsageError(
                f"a window of {self.height}x{self.width} pixels does not fit images of {size[0]}x{size[1]}",
                hint="choose a smaller window, or add padding",
            )
        top = integers(count, down + 1, generator) - down / 2
        left = integers(count, right + 1, generator) - right / 2
        return affine(count, ((1, 0, left), (0, 1, top))), (self.height, self.width)


@dataclass(frozen=True)
class RandomResizedCrop(GeometricStep):
    """A random window, resized to a fixed size (C. Szegedy et al., CVPR 2015, arXiv:1409.4842).

    Attributes:
        height: Height of the result, in pixels.
        width: Width of the result, in pixels.
        area: Range of the window's area, as a fraction of the image's area.
        aspect: Range of the window's width / height, whose logarithm is sampled uniformly; a window that
            exceeds the image is cut to it.
    """

    height: int
    width: int
    area: tuple[float, float] = (0.08, 1.0)
    aspect: tuple[float, float] = (3 / 4, 4 / 3)

    def __post_init__(self) -> None:
        """Check the size and the ranges."""
        check_integer(self.height, "height of RandomResizedCrop", 1)
        check_integer(self.width, "width of RandomResizedCrop", 1)
        for name in ("area", "aspect"):
            value: Any = getattr(self, name)
            if not isinstance(value, Sequence):
                what = f"{name} of RandomResizedCrop: expected a range, got {show_value(value)}"
                raise UsageError(what, hint="pass (low, high)")
            span((*value,), f"{name} of RandomResizedCrop")
        if not (0 < self.area[0] <= self.area[1] <= 1 and 0 < self.aspect[0] <= self.aspect[1]):
            raise UsageError(
                f"expected ranges of area and aspect, got {self.area} and {self.aspect}",
                hint="pass areas between 0 and 1, aspects above 0, the lower end first",
            )

    def sample(self, count: int, size: Size, generator: Generator) -> tuple[Maps, Size]:
        """See `GeometricStep.sample`."""
        rows, columns = size
        pixels = uniform(count, *self.area, generator).astype(np.float64) * (rows * columns)
        aspect = np.exp(
            uniform(count, log(self.aspect[0]), log(self.aspect[1]), generator).astype(np.float64)
        )
        width = np.minimum(np.sqrt(pixels * aspect), columns)
        height = np.minimum(np.sqrt(pixels / aspect), rows)
        x = uniform(count, -0.5, 0.5, generator) * (columns - width)
        y = uniform(count, -0.5, 0.5, generator) * (rows - height)
        maps = affine(count, ((width / self.width, 0, x), (0, height / self.height, y)))
        return maps, (self.height, self.width)
