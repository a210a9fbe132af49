"""Steps that see a part of each image."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import ClassVar

import torch
from torch import Generator, Tensor

from headrace.errors import UsageError
from headrace.vision.augment.geometry import Geometric, Size, affine
from headrace.vision.augment.ranges import uniform

__all__ = ["RandomCrop", "RandomResizedCrop"]


def _start(room: int, count: int, generator: Generator) -> Tensor:
    """Whole pixels from 0 to `room`, each as probable."""
    return torch.randint(room + 1, (count,), generator=generator, device=generator.device)


@dataclass(frozen=True)
class RandomCrop(Geometric):
    """A window of a fixed size, anywhere (A. Krizhevsky et al., NIPS 2012: 224 x 224 of 256 x 256).

    Attributes:
        height: Of the window, in pixels.
        width: Likewise.
        padding: How many pixels the window may stand out at each edge; `compose` says what is there.
    """

    onto_pixels: ClassVar[bool] = True
    height: int
    width: int
    padding: int = 0

    def view(self, count: int, size: Size, generator: Generator) -> tuple[Tensor, Size]:
        """See `Geometric.view`."""
        down, right = size[0] + 2 * self.padding - self.height, size[1] + 2 * self.padding - self.width
        if min(down, right) < 0 or min(self.height, self.width) < 1:
            raise UsageError(
                f"a window of {self.height}x{self.width} pixels in images of {size[0]}x{size[1]}",
                hint="choose a smaller one, or give padding",
            )
        top = _start(down, count, generator) - down / 2
        left = _start(right, count, generator) - right / 2
        return affine(count, ((1, 0, left), (0, 1, top))), (self.height, self.width)


@dataclass(frozen=True)
class RandomResizedCrop(Geometric):
    """A window of any size and shape, stretched to one size (C. Szegedy et al., CVPR 2015, arXiv:1409.4842).

    Attributes:
        height: Of the result, in pixels.
        width: Likewise.
        area: The window's, as parts of the image's, from ... to ...
        aspect: The window's width over its height, from ... to ..., its logarithm uniform; the image's edges
            go first.
    """

    height: int
    width: int
    area: tuple[float, float] = (0.08, 1.0)
    aspect: tuple[float, float] = (3 / 4, 4 / 3)

    def view(self, count: int, size: Size, generator: Generator) -> tuple[Tensor, Size]:
        """See `Geometric.view`."""
        if not (0 < self.area[0] <= self.area[1] <= 1 and 0 < self.aspect[0] <= self.aspect[1]):
            raise UsageError(
                f"windows of area {self.area} and aspect {self.aspect}",
                hint="give areas between 0 and 1, aspects above 0, the lower end first",
            )
        rows, columns = size
        pixels = uniform(count, *self.area, generator) * (rows * columns)
        aspect = uniform(count, log(self.aspect[0]), log(self.aspect[1]), generator).exp()
        width = (pixels * aspect).sqrt().clamp(max=columns)
        height = (pixels / aspect).sqrt().clamp(max=rows)
        x = uniform(count, -0.5, 0.5, generator) * (columns - width)
        y = uniform(count, -0.5, 0.5, generator) * (rows - height)
        maps = affine(count, ((width / self.width, 0, x), (0, height / self.height, y)))
        return maps, (self.height, self.width)
