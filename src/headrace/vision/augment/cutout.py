"""Cutout: random squares of one colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Generator

from headrace.arguments import check_integer
from headrace.vision.augment.ranges import ChannelValues, check_channel_values, check_storable, integers

__all__ = ["Cutout"]


@dataclass(frozen=True)
class Cutout:
    """A square of one colour, centred at a random pixel, so that it may extend over the edges.

    T. DeVries and G. W. Taylor, Improved Regularization of Convolutional Neural Networks with Cutout, 2017,
    arXiv:1708.04552.

    Attributes:
        size: Side of the square, in pixels.
        value: Value of the square, or its value in each channel, in the images' values: for uint8, an integer
            from 0 to 255. 0 is the mean of standardised images.
    """

    size: int
    value: ChannelValues = 0.0

    def __post_init__(self) -> None:
        """Check the size and the value."""
        check_integer(self.size, "size of Cutout", 1)
        object.__setattr__(self, "value", check_channel_values(self.value, "value of Cutout"))

    def check_images(self, images: Any) -> None:
        """Check that images can hold the value.

        Raises:
            UsageError: They cannot, or they have another number of channels.
        """
        check_storable(self.value, images, "value of Cutout")

    def sample(self, count: int, size: tuple[int, int], generator: Generator) -> NDArray[np.int64]:
        """Sample one square per image: top, bottom, left and right, int64 [count, 4]."""
        lines = [self._line(count, side, generator) for side in size]
        return np.stack([end for line in lines for end in line], axis=1)

    def _line(
        self, count: int, side: int, generator: Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        start = integers(count, side, generator) - self.size // 2
        return np.maximum(start, 0), np.minimum(start + self.size, side)
