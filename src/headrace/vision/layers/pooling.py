"""Pools: over squares of pixels, over neighbouring maps, over the whole image."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from headrace.errors import UsageError
from headrace.vision.layers.padding import Padding, Pair, margins, pair, positions
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
    """A window that slides; stride is the kernel's size unless given."""

    def __init__(self, kernel_size: Pair, stride: Pair | None = None, padding: Padding = "VALID") -> None:
        super().__init__()
        self.kernel_size = pair(kernel_size)
        self.stride = self.kernel_size if stride is None else pair(stride)
        self.padding: Padding = padding

    def _edges(self, size: torch.Size) -> tuple[tuple[int, int], tuple[int, int]]:
        """Margins (top, bottom), (left, right)."""
        windows = zip(size[-2:], self.kernel_size, self.stride, strict=True)
        vertical, horizontal = (margins(*window, 1, self.padding) for window in windows)
        return vertical, horizontal

    def extra_repr(self) -> str:
        """As torch's pools."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding!r}"


class MaxPool2d(_Pool2d):
    """The largest number in each window; float [N, C, H, W] to [N, C, H', W'].

    Args:
        kernel_size: One number, or (height, width).
        stride: Likewise; None for windows that touch.
        padding: "VALID", "SAME", "CEIL", or pixels on every side; padding never is the largest.
    """

    def forward(self, images: Tensor) -> Tensor:
        """Maps to maps."""
        (top, bottom), (left, right) = self._edges(images.shape)
        uneven = (top, left) != (bottom, right)
        if uneven and min(self.stride) == 1:
            images = F.pad(images, (left, right, top, bottom), value=-torch.inf)
            return F.max_pool2d(images, self.kernel_size, self.stride)
        # A window over the bottom or right edge is the one that the larger margin is for.
        return F.max_pool2d(images, self.kernel_size, self.stride, (top, left), ceil_mode=uneven)


class AvgPool2d(_Pool2d):
    """The mean of each window; float [N, C, H, W] to [N, C, H', W'].

    Args:
        kernel_size: One number, or (height, width).
        stride: Likewise; None for windows that touch.
        padding: "VALID", "SAME" or "CEIL", whose margins do not count, as in TensorFlow; or pixels on every
            side that count as zeros, as in PyTorch.
    """

    def forward(self, images: Tensor) -> Tensor:
        """Maps to maps."""
        counts = isinstance(self.padding, int)
        (top, bottom), (left, right) = self._edges(images.shape)
        if (top, left) == (bottom, right):
            pads = (top, left)
            return F.avg_pool2d(images, self.kernel_size, self.stride, pads, count_include_pad=counts)
        padded = F.pad(images, (left, right, top, bottom))
        share = F.pad(images.new_ones(1, 1, *images.shape[-2:]), (left, right, top, bottom))
        means, shares = (F.avg_pool2d(each, self.kernel_size, self.stride) for each in (padded, share))
        return means / shares


class DepthwiseMaxPool(nn.Module):
    """The largest of each `size` neighbouring maps, pixel by pixel: [N, C, H, W] to [N, C / size, H, W].

    Learns to be invariant to whatever the maps detect: rotation, thickness, brightness.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, maps: Tensor) -> Tensor:
        """Maps to fewer maps.

        Raises:
            UsageError: The number of maps is no multiple of `size`.
        """
        depth = maps.shape[1]
        if depth % self.size:
            raise UsageError(
                f"{depth} maps cannot be pooled in groups of {self.size}",
                hint=f"give a number of maps that is a multiple of {self.size}",
            )
        return maps.unflatten(1, (depth // self.size, self.size)).amax(dim=2)

    def extra_repr(self) -> str:
        """The size."""
        return f"size={self.size}"


class GlobalAvgPool(nn.Module):
    """The mean of each map: [N, C, H, W] to [N, C]."""

    def forward(self, maps: Tensor) -> Tensor:
        """Maps to features."""
        return maps.mean(dim=(2, 3))


@dataclass(frozen=True)
class MaxPool:
    """The largest of each window; without `stride` windows touch."""

    size: int
    stride: int | None = None
    padding: Padding = "VALID"

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The layer, and the shape it gives."""
        return MaxPool2d(self.size, self.stride, self.padding), _after(self, shape)


@dataclass(frozen=True)
class AvgPool:
    """The mean of each window; without `stride` windows touch."""

    size: int
    stride: int | None = None
    padding: Padding = "VALID"

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The layer, and the shape it gives."""
        return AvgPool2d(self.size, self.stride, self.padding), _after(self, shape)


@dataclass(frozen=True)
class GlobalPool:
    """The mean of each map."""

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The layer, and the shape it gives."""
        return GlobalAvgPool(), (shape[0], 1, 1)


@dataclass(frozen=True)
class GridPool:
    """The means of `size` x `size` parts of each map, whatever its size: `nn.AdaptiveAvgPool2d`."""

    size: int

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The layer, and the shape it gives."""
        return nn.AdaptiveAvgPool2d(self.size), (shape[0], self.size, self.size)


def _after(plan: MaxPool | AvgPool, shape: Shape) -> Shape:
    stride = plan.stride or plan.size
    height, width = (positions(size, plan.size, stride, 1, plan.padding) for size in shape[1:])
    return shape[0], height, width
