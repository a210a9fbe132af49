"""Steps that move pixels, each as the affine map that it is.

A map takes a place in the step's result to the place in its input that is seen there. Places are in pixels
from the image's middle, x to the right, y down, so that steps compose by matrix products and one resampling
does them all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import pi
from typing import ClassVar

import torch
from torch import Generator, Tensor

from headrace.errors import UsageError
from headrace.vision.augment.ranges import Range, span, uniform

__all__ = ["Flip", "Geometric", "Resize", "Rotate", "Shift", "Size", "Zoom", "affine"]

Size = tuple[int, int]  # height, width


def affine(count: int, rows: tuple[tuple[Tensor | float, ...], ...]) -> Tensor:
    """float32 [count, 3, 3] of two rows of three entries, each a number or [count]; the third is 0 0 1."""
    entries = [entry for row in (*rows, (0.0, 0.0, 1.0)) for entry in row]
    columns = [e if isinstance(e, Tensor) else torch.tensor(float(e)).expand(count) for e in entries]
    device = next((e.device for e in entries if isinstance(e, Tensor)), torch.device("cpu"))
    return torch.stack([column.to(device) for column in columns], dim=1).reshape(count, 3, 3)


class Geometric(ABC):
    """A step that moves pixels.

    Attributes:
        onto_pixels: Whether pixels go to whole pixels, so that nothing is interpolated.
    """

    onto_pixels: ClassVar[bool] = False

    @abstractmethod
    def view(self, count: int, size: Size, generator: Generator) -> tuple[Tensor, Size]:
        """A map for each of `count` images of a size, [count, 3, 3], and the size of the result."""


@dataclass(frozen=True)
class Shift(Geometric):
    """Moved sideways and up or down.

    Attributes:
        x: As a part of the width: a number d for -d to d, or a range; positive is to the right.
        y: As a part of the height; positive is down. None takes `x`.
    """

    x: Range = 0.1
    y: Range | None = None

    def view(self, count: int, size: Size, generator: Generator) -> tuple[Tensor, Size]:
        """See `Geometric.view`."""
        right = uniform(count, *span(self.x), generator) * size[1]
        down = uniform(count, *span(self.x if self.y is None else self.y), generator) * size[0]
        return affine(count, ((1, 0, -right), (0, 1, -down))), size


@dataclass(frozen=True)
class Rotate(Geometric):
    """Turned about the middle.

    Attributes:
        degrees: A number d for -d to d, or a range; positive is counter-clockwise.
    """

    degrees: Range = 15.0

    def view(self, count: int, size: Size, generator: Generator) -> tuple[Tensor, Size]:
        """See `Geometric.view`."""
        angle = uniform(count, *span(self.degrees), generator) * (pi / 180)
        cos, sin = angle.cos(), angle.sin()
        return affine(count, ((cos, -sin, 0), (sin, cos, 0))), size


@dataclass(frozen=True)
class Zoom(Geometric):
    """Enlarged or reduced about the middle, the size of the image staying.

    Attributes:
        factor: A number d for 1 - d to 1 + d, or a range; above 1 enlarges.
    """

    factor: Range = 0.2

    def view(self, count: int, size: Size, generator: Generator) -> tuple[Tensor, Size]:
        """See `Geometric.view`."""
        low, high = span(self.factor, centre=1.0)
        if low <= 0:
            raise UsageError(f"a zoom by {low:g}", hint="give factors above zero")
        inverse = uniform(count, low, high, generator).reciprocal()
        return affine(count, ((inverse, 0, 0), (0, inverse, 0))), size


@dataclass(frozen=True)
class Flip(Geometric):
    """Mirrored.

    Attributes:
        horizontal: How probable it is that left and right change places.
        vertical: How probable it is that top and bottom do.
    """

    onto_pixels: ClassVar[bool] = True
    horizontal: float = 0.5
    vertical: float = 0.0

    def view(self, count: int, size: Size, generator: Generator) -> tuple[Tensor, Size]:
        """See `Geometric.view`."""
        x, y = (
            1 - 2 * (uniform(count, 0, 1, generator) < probability).float()
            for probability in (self.horizontal, self.vertical)
        )
        return affine(count, ((x, 0, 0), (0, y, 0))), size


@dataclass(frozen=True)
class Resize(Geometric):
    """Stretched to a size. Where a side shrinks to a half or less, whole blocks of pixels are averaged first.

    Attributes:
        height: Of the result, in pixels.
        width: Likewise.
    """

    height: int
    width: int

    def view(self, count: int, size: Size, generator: Generator) -> tuple[Tensor, Size]:
        """See `Geometric.view`."""
        x, y = size[1] / self.width, size[0] / self.height
        return affine(count, ((x, 0, 0), (0, y, 0))).to(generator.device), (self.height, self.width)
