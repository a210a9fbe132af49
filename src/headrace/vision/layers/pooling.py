"""Pooling over windows of pixels, over neighbouring maps, over the whole image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from headrace.arguments import check_integer, show_value
from headrace.errors import UsageError
from headrace.vision.layers.padding import (
    Padding,
    Pair,
    count_positions,
    margins,
    pair,
    parse_padding,
    window_sides,
)
from headrace.vision.layers.spec import Shape

__all__ = [
    "AvgPool",
    "AvgPool2d",
    "DepthwiseMaxPool",
    "GlobalAvgPool",
    "GlobalPool",
    "GridPool",
    "MaxPool",
    "MaxPool2d",
]


class _Pool2d(nn.Module):
    """A sliding window; the stride defaults to the kernel size."""

    def __init__(self, kernel_size: Pair, stride: Pair | None = None, padding: Padding = "VALID") -> None:
        super().__init__()
        self.kernel_size = pair(kernel_size, "kernel_size")
        self.stride = self.kernel_size if stride is None else pair(stride, "stride")
        self.padding: Padding = parse_padding(padding)
        if not isinstance(self.padding, str):
            pixels = pair(self.padding, "padding", 0)
            if any(2 * margin > kernel for margin, kernel in zip(pixels, self.kernel_size, strict=True)):
                what = f"padding: expected at most half of the kernel size, got {show_value(padding)}"
                raise UsageError(what, hint=f"the kernel size is {self.kernel_size}")

    def output_shape(self, shape: Shape) -> Shape:
        """Return the output shape for an input shape; a side below 1 means that the input is too small."""
        height, width = (count_positions(*side) for side in self._sides(shape[1:]))
        return shape[0], height, width

    def _sides(self, size: Sequence[int]) -> Iterator[tuple[int, int, int, int, str | int]]:
        return window_sides(size, self.kernel_size, self.stride, 1, self.padding)

    def _edges(self, size: torch.Size) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return the margins (top, bottom), (left, right)."""
        vertical, horizontal = (margins(*side) for side in self._sides(size[-2:]))
        return vertical, horizontal

    def extra_repr(self) -> str:
        """Represent kernel size, stride and padding, as torch's pooling layers do."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding!r}"


class MaxPool2d(_Pool2d):
    """The maximum of each window; float [N, C, H, W] to [N, C, H', W'].

    Args:
        kernel_size: One number, or (height, width).
        stride: One number, or (height, width); None for the kernel size.
        padding: "VALID", "SAME", "CEIL", or pixels, at most half of the kernel size; see `Padding`.
            Padding is never the maximum.
    """

    def forward(self, images: Tensor) -> Tensor:
        """Pool maps."""
        (top, bottom), (left, right) = self._edges(images.shape)
        uneven = (top, left) != (bottom, right)
        if uneven and min(self.stride) == 1:
            images = F.pad(images, (left, right, top, bottom), value=-torch.inf)
            return F.max_pool2d(images, self.kernel_size, self.stride)
        # With ceil_mode, the last window extends over the bottom or right edge by the larger margin.
        return F.max_pool2d(images, self.kernel_size, self.stride, (top, left), ceil_mode=uneven)


class AvgPool2d(_Pool2d):
    """The mean of each window; float [N, C, H, W] to [N, C, H', W'].

    Args:
        kernel_size: One number, or (height, width).
        stride: One number, or (height, width); None for the kernel size.
        padding: "VALID", "SAME" or "CEIL", whose margins do not count, as in TensorFlow; or pixels, at most
            half of the kernel size, that count as zeros, as in PyTorch; see `Padding`.
    """

    def forward(self, images: Tensor) -> Tensor:
        """Pool maps."""
        counts = not isinstance(self.padding, str)
        (top, bottom), (left, right) = self._edges(images.shape)
        if (top, left) == (bottom, right):
            pads = (top, left)
            return F.avg_pool2d(images, self.kernel_size, self.stride, pads, count_include_pad=counts)
        padded = F.pad(images, (left, right, top, bottom))
        share = F.pad(images.new_ones(1, 1, *images.shape[-2:]), (left, right, top, bottom))
        means, shares = (F.avg_pool2d(each, self.kernel_size, self.stride) for each in (padded, share))
        return means / shares


class DepthwiseMaxPool(nn.Module):
    """The maximum over each `size` neighbouring maps, pixel by pixel: [N, C, H, W] to [N, C / size, H, W].

    The network can learn invariance to what the maps detect: rotation, thickness, brightness.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = check_integer(size, "size", 1)

    def forward(self, maps: Tensor) -> Tensor:
        """Pool groups of maps.

        Raises:
            UsageError: The number of maps is not a multiple of `size`.
        """
        depth = maps.shape[1]
        if depth % self.size:
            raise UsageError(
                f"cannot pool {depth} maps in groups of {self.size}",
                hint=f"use a number of maps that is a multiple of {self.size}",
            )
        return maps.unflatten(1, (depth // self.size, self.size)).amax(dim=2)

    def extra_repr(self) -> str:
        """Represent the group size."""
        return f"size={self.size}"


class GlobalAvgPool(nn.Module):
    """The mean of each map: [N, C, H, W] to [N, C]."""

    def forward(self, maps: Tensor) -> Tensor:
        """Average each map."""
        return maps.mean(dim=(2, 3))


@dataclass(frozen=True)
class MaxPool:
    """Spec of `MaxPool2d`; `stride` defaults to `size`."""

    size: Pair
    stride: Pair | None = None
    padding: Padding = "VALID"

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        pool = MaxPool2d(self.size, self.stride, self.padding)
        return pool, pool.output_shape(shape)


@dataclass(frozen=True)
class AvgPool:
    """Spec of `AvgPool2d`; `stride` defaults to `size`."""

    size: Pair
    stride: Pair | None = None
    padding: Padding = "VALID"

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        pool = AvgPool2d(self.size, self.stride, self.padding)
        return pool, pool.output_shape(shape)


@dataclass(frozen=True)
class GlobalPool:
    """Spec of `GlobalAvgPool`."""

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        return GlobalAvgPool(), (shape[0], 1, 1)


@dataclass(frozen=True)
class GridPool:
    """Spec of `nn.AdaptiveAvgPool2d`: the means of a grid of `size` x `size` parts of each map."""

    size: int

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        size = check_integer(self.size, "size", 1)
        return nn.AdaptiveAvgPool2d(size), (shape[0], size, size)
