"""Where windows lie on an image: TensorFlow's, PyTorch's and Caffe's conventions."""

from __future__ import annotations

from typing import Literal

__all__ = ["Padding", "Pair", "margins", "pair", "positions"]

Pair = int | tuple[int, int]  # one number for both sides, or (height, width)

Padding = Literal["SAME", "VALID", "CEIL"] | int
"""How windows meet the edge of an image.

- "VALID": they stay inside; what is left over at the bottom and right is dropped.
- "SAME": TensorFlow's; ceil(size / stride) windows, the margin they need split evenly, the odd pixel at the
  bottom and right.
- "CEIL": Caffe's, for pools; no margin at the top and left, a last window over the edge takes what is left.
- a number: so many pixels on every side, as PyTorch has it.
"""


def pair(value: Pair) -> tuple[int, int]:
    """(height, width)."""
    return (value, value) if isinstance(value, int) else value


def margins(size: int, kernel: int, stride: int, dilation: int, padding: Padding) -> tuple[int, int]:
    """Pixels to add before and after a side of `size` pixels."""
    if isinstance(padding, int):
        return padding, padding
    span = dilation * (kernel - 1) + 1
    if padding == "SAME":
        missing = max((-(-size // stride) - 1) * stride + span - size, 0)
        return missing // 2, missing - missing // 2
    if padding == "CEIL":
        count = -(-(size - span) // stride) + 1
        count -= (count - 1) * stride >= size  # a window starts on the image
        return 0, max((count - 1) * stride + span - size, 0)
    return 0, 0


def positions(size: int, kernel: int, stride: int, dilation: int, padding: Padding) -> int:
    """How many windows fit on a side of `size` pixels; below 1 if it is too small."""
    span = dilation * (kernel - 1) + 1
    return (size + sum(margins(size, kernel, stride, dilation, padding)) - span) // stride + 1
