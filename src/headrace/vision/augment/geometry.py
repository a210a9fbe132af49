"""Geometric steps, each of them an affine map.

A map takes a position in the step's output to the position in its input that is sampled there. Positions
are in pixels relative to the image's centre, x to the right, y down. Steps compose by matrix products, so
that one resampling applies them all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import pi
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray
from torch import Generator

from headrace.arguments import check_flag, check_integer, check_number
from headrace.errors import UsageError
from headrace.vision.augment.ranges import Range, span, uniform

__all__ = ["Flip", "GeometricStep", "Maps", "Resize", "Rotate", "Shear", "Shift", "Size", "Zoom", "affine"]

Size: TypeAlias = tuple[int, int]  # height, width
Maps: TypeAlias = NDArray[np.float64]


def affine(count: int, rows: tuple[tuple[Any, ...], ...]) -> Maps:
    """Build float64 [count, 3, 3] from two rows of numbers or [count] arrays; the third row is 0 0 1."""
    maps = np.zeros((count, 3, 3))
    maps[:, 2, 2] = 1
    for row, entries in enumerate(rows):
        for column, entry in enumerate(entries):
            maps[:, row, column] = entry
    return maps


class GeometricStep(ABC):
    """A step that moves pixels.

    Attributes:
        exact: Whether the step maps pixels to whole pixels, so that no values are interpolated.
    """

    exact: ClassVar[bool] = False

    @abstractmethod
    def sample(self, count: int, size: Size, generator: Generator) -> tuple[Maps, Size]:
        """Sample an affine map per image, from output to input positions relative to the centre.

        Args:
            count: Number of images.
            size: Size of the input.
            generator: The source of randomness.

        Returns:
            float64 [count, 3, 3], and the size of the output.
        """


@dataclass(frozen=True)
class Shift(GeometricStep):
    """Random horizontal and vertical shift.

    Attributes:
        x: As a fraction of the width, from -1 to 1: a number d for the range from -d to d, or a range;
            positive is right.
        y: As a fraction of the height, likewise; positive is down. None for the range of `x`.
    """

    x: Range = 0.1
    y: Range | None = None

    def __post_init__(self) -> None:
        """Check the ranges."""
        self._ranges()

    def _ranges(self) -> tuple[tuple[float, float], tuple[float, float]]:
        y = self.x if self.y is None else self.y
        return span(self.x, "x of Shift", least=-1, most=1), span(y, "y of Shift", least=-1, most=1)

    def sample(self, count: int, size: Size, generator: Generator) -> tuple[Maps, Size]:
        """See `GeometricStep.sample`."""
        x, y = self._ranges()
        right = uniform(count, *x, generator).astype(np.float64) * size[1]
        down = uniform(count, *y, generator).astype(np.float64) * size[0]
        return affine(count, ((1, 0, -right), (0, 1, -down))), size


@dataclass(frozen=True)
class Rotate(GeometricStep):
    """Random rotation about the centre.

    Attributes:
        degrees: A number d for the range from -d to d, or a range; positive is counter-clockwise.
    """

    degrees: Range = 15.0

    def __post_init__(self) -> None:
        """Check the range."""
        span(self.degrees, "degrees of Rotate")

    def sample(self, count: int, size: Size, generator: Generator) -> tuple[Maps, Size]:
        """See `GeometricStep.sample`."""
        angle = uniform(count, *span(self.degrees, "degrees of Rotate"), generator).astype(np.float64) * (
            pi / 180
        )
        cos, sin = np.cos(angle), np.sin(angle)
        return affine(count, ((cos, -sin, 0), (sin, cos, 0))), size


@dataclass(frozen=True)
class Shear(GeometricStep):
    """Random horizontal and vertical shear about the centre.

    Attributes:
        x: Pixels that a row moves per row of distance from the centre: a number d for the range from -d to d,
            or a range; positive moves the lower half to the right. 1 is a shear by 45 degrees.
        y: Pixels that a column moves per column of distance, likewise; positive moves the right half down.
            None for the range of `x`.
    """

    x: Range = 0.1
    y: Range | None = None

    def __post_init__(self) -> None:
        """Check the ranges."""
        self._ranges()

    def _ranges(self) -> tuple[tuple[float, float], tuple[float, float]]:
        return span(self.x, "x of Shear"), span(self.x if self.y is None else self.y, "y of Shear")

    def sample(self, count: int, size: Size, generator: Generator) -> tuple[Maps, Size]:
        """See `GeometricStep.sample`."""
        x, y = (uniform(count, *each, generator).astype(np.float64) for each in self._ranges())
        return affine(count, ((1 + x * y, -x, 0), (-y, 1, 0))), size


@dataclass(frozen=True)
class Zoom(GeometricStep):
    """Random zoom about the centre; the size of the image is unchanged.

    Attributes:
        factor: A number d for the range from 1 - d to 1 + d, or a range; above 1 enlarges.
    """

    factor: Range = 0.2

    def __post_init__(self) -> None:
        """Check the range."""
        low, _ = span(self.factor, "factor of Zoom", centre=1.0)
        if low <= 0:
            raise UsageError(
                f"expected positive factors of Zoom, got {low:g}", hint="pass factors above zero"
            )

    def sample(self, count: int, size: Size, generator: Generator) -> tuple[Maps, Size]:
        """See `GeometricStep.sample`."""
        low, high = span(self.factor, "factor of Zoom", centre=1.0)
        inverse = 1 / uniform(count, low, high, generator).astype(np.float64)
        return affine(count, ((inverse, 0, 0), (0, inverse, 0))), size


@dataclass(frozen=True)
class Flip(GeometricStep):
    """Random horizontal and vertical flips.

    Attributes:
        horizontal: Probability that left and right are swapped.
        vertical: Probability that top and bottom are swapped.
        alternate: Swap left and right of each image in every other epoch, so that two epochs show both sides
            (K. Jordan, 94% on CIFAR-10 in 3.29 Seconds on a Single GPU, 2024, arXiv:2404.00498, section 3.6).
            A hash of its values decides in which epochs, for half of the images in the even ones.
    """

    exact: ClassVar[bool] = True
    horizontal: float = 0.5
    vertical: float = 0.0
    alternate: bool = False

    def __post_init__(self) -> None:
        """Check the probabilities."""
        check_number(self.horizontal, "horizontal, a probability of Flip", least=0, most=1)
        check_number(self.vertical, "vertical, a probability of Flip", least=0, most=1)
        if check_flag(self.alternate, "alternate of Flip") and self.horizontal != 0.5:
            what = f"Flip alternates in half of the epochs, not with a probability of {self.horizontal:g}"
            raise UsageError(what, hint="omit horizontal")

    def sample(self, count: int, size: Size, generator: Generator) -> tuple[Maps, Size]:
        """See `GeometricStep.sample`."""
        x, y = (
            np.where(uniform(count, 0, 1, generator) < probability, -1.0, 1.0)
            for probability in (self.horizontal, self.vertical)
        )
        return affine(count, ((x, 0, 0), (0, y, 0))), size

    def sample_alternating(
        self, is_flipped: NDArray[np.bool_], size: Size, generator: Generator
    ) -> tuple[Maps, Size]:
        """Sample the vertical flips only; see `GeometricStep.sample`.

        Args:
            is_flipped: Whether left and right of each image are swapped, bool [count].
            size: Size of the input.
            generator: The source of randomness.
        """
        count = len(is_flipped)
        y = np.where(uniform(count, 0, 1, generator) < self.vertical, -1.0, 1.0)
        return affine(count, ((np.where(is_flipped, -1.0, 1.0), 0, 0), (0, y, 0))), size


@dataclass(frozen=True)
class Resize(GeometricStep):
    """Resizing to a fixed size; sides that shrink to a half or less are averaged over blocks first.

    Attributes:
        height: Height of the result, in pixels.
        width: Width of the result, in pixels.
    """

    height: int
    width: int

    def __post_init__(self) -> None:
        """Check the size."""
        check_integer(self.height, "height of Resize", 1)
        check_integer(self.width, "width of Resize", 1)

    def sample(self, count: int, size: Size, generator: Generator) -> tuple[Maps, Size]:  # noqa: ARG002
        """See `GeometricStep.sample`."""
        x, y = size[1] / self.width, size[0] / self.height
        return affine(count, ((x, 0, 0), (0, y, 0))), (self.height, self.width)
