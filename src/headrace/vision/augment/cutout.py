"""Cutout: random squares of one value."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from headrace.errors import UsageError

__all__ = ["Cutout"]


@dataclass(frozen=True)
class Cutout:
    """A square of one value, centred at a random pixel, so that it may extend over the edges.

    T. DeVries and G. W. Taylor, Improved Regularization of Convolutional Neural Networks with Cutout, 2017,
    arXiv:1708.04552.

    Attributes:
        size: Side of the square, in pixels.
        value: Value of the square, in the images' values; 0 is the mean of standardised images.
    """

    size: int
    value: float = 0.0

    def sample(self, count: int, size: tuple[int, int], generator: Generator) -> Tensor:
        """Sample the row-major pixel indices of one square per image: int64 [count, size * size].

        Pixels outside the image are replaced by the nearest inside.
        """
        if self.size < 1:
            raise UsageError(f"expected a positive size of Cutout, got {self.size}", hint="pass 1 or more")
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
