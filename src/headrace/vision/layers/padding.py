"""Padding of sliding windows by TensorFlow's, PyTorch's and Caffe's conventions, and of images to a size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from torch import nn

from headrace.arguments import check_choice, check_integer, show_value
from headrace.errors import UsageError
from headrace.vision.layers.spec import Shape

__all__ = ["Pad", "Padding", "Pair", "count_positions", "margins", "pair", "parse_padding", "window_sides"]

Pair = int | tuple[int, int]  # one number for both sides, or (height, width)

Padding = Literal["SAME", "VALID", "CEIL", "same", "valid", "ceil"] | Pair
"""How sliding windows are placed at the edges of an image; letter case does not count.

- "VALID": windows stay inside the image; the rest at the bottom and right is dropped.
- "SAME": TensorFlow's; ceil(size / stride) windows, with the margin split evenly and an odd pixel at the
  bottom and right.
- "CEIL": Caffe's, for pools; no margin at the top and left, and a last window may extend over the bottom and
  right edge.
- a number, or (height, width): that many pixels on both of the sides, as in PyTorch.
"""

_PLACEMENTS = ("SAME", "VALID", "CEIL")


def pair(value: Pair, name: str, least: int = 1) -> tuple[int, int]:
    """Return (height, width).

    Raises:
        UsageError: `value` is not one integer or two of at least `least`.
    """
    if isinstance(value, str) or not isinstance(value, Sequence | np.ndarray):
        number = check_integer(value, name, least)
        return number, number
    if len(value) != 2:
        what = f"{name}: expected one integer or (height, width), got {show_value(value)}"
        raise UsageError(what, hint=f"pass {max(least, 1)}, or ({max(least, 1)}, {max(least, 1)})")
    height, width = (check_integer(each, name, least) for each in value)
    return height, width


def parse_padding(padding: Padding) -> Padding:
    """Check a padding; return strings in capitals.

    Raises:
        UsageError: `padding` is neither "SAME", "VALID", "CEIL", nor pixels.
    """
    if isinstance(padding, str):
        capitals = padding.upper()
        return check_choice(capitals if capitals in _PLACEMENTS else padding, "padding", _PLACEMENTS)  # pyright: ignore[reportReturnType]
    pixels = pair(padding, "padding", 0)
    return pixels if isinstance(padding, Sequence | np.ndarray) else pixels[0]


def window_sides(
    size: Sequence[int], kernel: Pair, stride: Pair, dilation: Pair, padding: Padding
) -> Iterator[tuple[int, int, int, int, str | int]]:
    """Yield the arguments of `margins` and `count_positions` for the height, then for the width."""
    paddings = (padding, padding) if isinstance(padding, str | int) else padding
    pairs = ((each, each) if isinstance(each, int) else each for each in (kernel, stride, dilation))
    return zip(size, *pairs, paddings, strict=True)


def margins(size: int, kernel: int, stride: int, dilation: int, padding: str | int) -> tuple[int, int]:
    """Return the pixels to add before and after a side of `size` pixels."""
    if isinstance(padding, int):
        return padding, padding
    if padding == "VALID":
        return 0, 0
    span = dilation * (kernel - 1) + 1
    if padding == "SAME":
        missing = max((-(-size // stride) - 1) * stride + span - size, 0)
        return missing // 2, missing - missing // 2
    count = -(-(size - span) // stride) + 1
    count -= (count - 1) * stride >= size  # every window starts inside the image
    return 0, max((count - 1) * stride + span - size, 0)


def count_positions(size: int, kernel: int, stride: int, dilation: int, padding: str | int) -> int:
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
        to = check_integer(self.to, "to", 1)
        down, right = max(0, to - height), max(0, to - width)
        zeros = (right // 2, right - right // 2, down // 2, down - down // 2)
        return nn.ZeroPad2d(zeros), (channels, height + down, width + right)
