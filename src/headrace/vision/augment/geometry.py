"""Geometric steps, each of them an affine map.

A map takes a position in the step's output to the position in its input that is sampled there. Positions
are in pixels relative to the image's centre, x to the right, y down. Steps compose by matrix products, so
that one resampling applies them all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import pi
from typing import ClassVar

import torch
from torch import Generator, Tensor

from headrace.arguments import check_integer, check_number
from headrace.errors import UsageError
from headrace.vision.augment.ranges import Range, span, uniform

__all__ = ["Flip", "GeometricStep", "Resize", "Rotate", "Shift", "Size", "Zoom", "affine"]

Size = tuple[int, int]  # height, width


def affine(count: int, rows: tuple[tuple[Tensor | float, ...], ...]) -> Tensor:
    """Build float32 [count, 3, 3] from two rows of numbers or [count] tensors; the third row is 0 0 1."""
    entries = [entry for row in (*rows, (0.0, 0.0, 1.0)) for entry in row]
    columns = [e if isinstance(e, Tensor) else torch.tensor(float(e)).expand(count) for e in entries]
    device = next((e.device for e in entries if isinstance(e, Tensor)), torch.device("cpu"))
    return torch.stack([column.to(device) for column in columns], dim=1).reshape(count, 3, 3)


class GeometricStep(ABC):
    """A step that moves pixels.

    Attributes:
        exact: Whether the step maps pixels to whole pixels, so that no values are interpolated.
    """

    exact: ClassVar[bool] = False

    @abstractmethod
    def sample(self, count: int, size: Size, generator: Generator) -> tuple[Tensor, Size]:
        """Sample an affine map per image, from output to input positions relative to the centre.

        Args:
            count: Number of images.
            size: Size of the input.
            generator: The source of randomness.

        Returns:
            float32 [count, 3, 3], and the size of the output.
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

    def sample(self, count: int, size: Size, generator: Generator) -> tuple[Tensor, Size]:
        """See `GeometricStep.sample`."""
        x, y = self._ranges()
        right = uniform(count, *x, generator) * size[1]
        down = uniform(count, *y, generator) * size[0]
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

    def sample(self, count: int, size: Size, generator: Generator) -> tuple[Tensor, Size]:
        """See `GeometricStep.sample`."""
        angle = uniform(count, *span(self.degrees, "degrees of Rotate"), generator) * (pi / 180)
        cos, sin = angle.cos(), angle.sin()
        return affine(count, ((cos, -sin, 0), (sin, cos, 0))), size


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

    def sample(self, count: int, size: Size, generator: Generator) -> tuple[Tensor, Size]:
        """See `GeometricStep.sample`."""
        low, high = span(self.factor, "factor of Zoom", centre=1.0)
        inverse = uniform(count, low, high, generator).reciprocal()
        return affine(count, ((inverse, 0, 0), (0, inverse, 0))), size


@dataclass(frozen=True)
class Flip(GeometricStep):
    """Random horizontal and vertical flips.

    Attributes:
        horizontal: Probability that left and right are swapped.
        vertical: Probability that top and bottom are swapped.
    """

    exact: ClassVar[bool] = True
    horizontal: float = 0.5
    vertical: float = 0.0

    def __post_init__(self) -> None:
        """Check the probabilities."""
        check_number(self.horizontal, "horizontal, a probability of Flip", least=0, most=1)
        check_number(self.vertical, "vertical, a probability of Flip", least=0, most=1)

    def sample(self, count: int, size: Size, generator: Generator) -> tuple[Tensor, Size]:
        """See `GeometricStep.sample`."""
        x, y = (
            1 - 2 * (uniform(count, 0, 1, generator) < probability).float()
            for probability in (self.horizontal, self.vertical)
        )
        return affine(count, ((x, 0, 0), (0, y, 0))), size


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

    def sample(self, count: int, size: Size, generator: Generator) -> tuple[Tensor, Size]:
        """See `GeometricStep.sample`."""
        x, y = size[1] / self.width, size[0] / self.height
        return affine(count, ((x, 0, 0), (0, y, 0))).to(generator.device), (self.height, self.width)
