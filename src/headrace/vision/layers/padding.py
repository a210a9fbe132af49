"""Padding of sliding windows by TensorFlow's, PyTorch's and Caffe's conventions, and of images to a size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import nn

from headrace.vision.layers.spec import Shape

__all__ = ["Pad", "Padding", "Pair", "count_positions", "margins", "pair"]

Pair = int | tuple[int, int]  # one number for both sides, or (height, width)

Padding = Literal["SAME", "VALID", "CEIL"] | int
"""How sliding windows are placed at the edges of an image.

- "VALID": windows stay inside the image; the rest at the bottom and right is dropped.
- "SAME": TensorFlow's; ceil(size / stride) windows, with the margin split evenly and an odd pixel at the
  bottom and right.
- "CEIL": Caffe's, for pools; no margin at the top and left, and a last window may extend over the bottom and
  right edge.
- a number: that many pixels on every side, as in PyTorch.
"""


def pair(value: Pair) -> tuple[int, int]:
    """Return (height, width)."""
    return (value, value) if isinstance(value, int) else value


def margins(size: int, kernel: int, stride: int, dilation: int, padding: Padding) -> tuple[int, int]:
    """Return the pixels to add before and after a side of `size` pixels."""
    if isinstance(padding, int):
        return padding, padding
    span = dilation * (kernel - 1) + 1
    if padding == "SAME":
        missing = max((-(-size // stride) - 1) * stride + span - size, 0)
        return missing // 2, missing - missing // 2
    if padding == "CEIL":
        count = -(-(size - span) // stride) + 1
        count -= (count - 1) * stride >= size  # every window starts inside the image
        return 0, max((count - 1) * stride + span - size, 0)
    return 0, 0


def count_positions(size: int, kernel: int, stride: int, dilation: int, padding: Padding) -> int:
    """Count the windows along a side of `size` pixels; below 1 if the side is too small."""
    span = dilation * (kernel - 1) + 1
    return (size + sum(margins(size, kernel, stride, dilation, padding)) - span) // stride + 1


@dataclass(frozen=True)
class Pad:
    """Spec of zero padding of images smaller than `to` pixels a side, the image in the centre."""

    to: int

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        channels, height, width = shape
        down, right = max(0, self.to - height), max(0, self.to - width)
        zeros = (right // 2, right - right // 2, down // 2, down - down // 2)
        return nn.ZeroPad2d(zeros), (channels, height + down, width + right)
