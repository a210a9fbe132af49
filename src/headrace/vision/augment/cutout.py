"""Cutout: random squares of one value."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from headrace.arguments import check_integer, check_number
from headrace.errors import UsageError

__all__ = ["Cutout"]


@dataclass(frozen=True)
class Cutout:
    """A square of one value, centred at a random pixel, so that it may extend over the edges.

    T. DeVries and G. W. Taylor, Improved Regularization of Convolutional Neural Networks with Cutout, 2017,
    arXiv:1708.04552.

    Attributes:
        size: Side of the square, in pixels.
        value: Value of the square, in the images' values: for uint8, an integer from 0 to 255. 0 is the mean
            of standardised images.
    """

    size: int
    value: float = 0.0

    def __post_init__(self) -> None:
        """Check the size and the value."""
        check_integer(self.size, "size of Cutout", 1)
        check_number(self.value, "value of Cutout")

    def check_images(self, images: Tensor) -> None:
        """Check that images can hold the value.

        Raises:
            UsageError: They are uint8, and the value is not an integer from 0 to 255; or they are float16,
                and the value is too large.
        """
        is_float = images.is_floating_point()
        low, high = (-torch.finfo(images.dtype).max, torch.finfo(images.dtype).max) if is_float else (0, 255)
        if not low <= self.value <= high or not (is_float or float(self.value).is_integer()):
            dtype = str(images.dtype).removeprefix("torch.")
            what = f"value of Cutout is {self.value}, which {dtype} cannot hold"
            raise UsageError(what, hint="pass a value of the images: for uint8, an integer from 0 to 255")

    def sample(self, count: int, size: tuple[int, int], generator: Generator) -> Tensor:
        """Sample the row-major pixel indices of one square per image: int64 [count, size * size].

        Pixels outside the image are replaced by the nearest inside.
        """
        device = generator.device
        rows, columns = (self._line(count, side, generator, device) for side in size)
        return (rows[:, :, None] * size[1] + columns[:, None]).flatten(1)

    def _line(self, count: int, side: int, generator: Generator, device: torch.device) -> Tensor:
        middle = torch.randint(side, (count, 1), generator=generator, device=device)
        offsets = torch.arange(self.size, device=device) - self.size // 2
        first, last = (middle - self.size // 2).clamp(min=0), side - 1
        return torch.maximum(middle + offsets, first).clamp(max=last)

    def cut(self, images: Tensor, pixels: Tensor) -> None:
        """Overwrite the sampled pixels in all channels of float [N, channels, height, width]."""
        flat = images.flatten(2)
        flat.scatter_(2, pixels[:, None].expand(-1, flat.shape[1], -1), self.value)
