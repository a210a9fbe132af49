"""Plain networks: convolutions and pools in a column, then dense layers, written as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from torch import nn

from headrace.errors import UsageError
from headrace.vision.layers.initialise import initialise

__all__ = ["Conv", "Dense", "MaxPool", "Pad", "plain_network"]

Shape = tuple[int, int, int]  # channels, height, width


@dataclass(frozen=True)
class Pad:
    """Zeros around images smaller than `to` pixels a side, the image in the middle."""

    to: int

    def build(self, shape: Shape) -> tuple[list[nn.Module], Shape]:
        """The layer, and the shape it gives."""
        channels, height, width = shape
        down, right = max(0, self.to - height), max(0, self.to - width)
        if not (down or right):
            return [], shape
        margins = (right // 2, right - right // 2, down // 2, down - down // 2)
        return [nn.ZeroPad2d(margins)], (channels, height + down, width + right)


@dataclass(frozen=True)
class Conv:
    """A convolution and ReLU; without `padding` the image keeps its size (odd kernels)."""

    width: int
    kernel: int
    padding: int | None = None

    def build(self, shape: Shape) -> tuple[list[nn.Module], Shape]:
        """The layers, and the shape they give."""
        channels, *sides = shape
        padding = self.kernel // 2 if self.padding is None else self.padding
        height, width = (side + 2 * padding - self.kernel + 1 for side in sides)
        convolution = nn.Conv2d(channels, self.width, self.kernel, padding=padding)
        return [convolution, nn.ReLU()], (self.width, height, width)


@dataclass(frozen=True)
class MaxPool:
    """The largest of each `size` x `size` square; a remainder at the edge is dropped."""

    size: int

    def build(self, shape: Shape) -> tuple[list[nn.Module], Shape]:
        """The layer, and the shape it gives."""
        channels, height, width = shape
        return [nn.MaxPool2d(self.size)], (channels, height // self.size, width // self.size)


@dataclass(frozen=True)
class Dense:
    """A dense layer, ReLU and dropout, on flat features."""

    width: int
    dropout: float = 0.0

    def build(self, features: int) -> tuple[list[nn.Module], int]:
        """The layers, and the number of features they give."""
        dropout = [nn.Dropout(self.dropout)] if self.dropout else []
        return [nn.Linear(features, self.width), nn.ReLU(), *dropout], self.width


def plain_network(
    stages: Sequence[Pad | Conv | MaxPool],
    head: Sequence[Dense],
    *,
    num_classes: int,
    in_channels: int,
    input_size: tuple[int, int],
) -> nn.Sequential:
    """`stages` in a column, flattened, then `head` and a linear layer to the classes.

    Returns:
        A module from float [N, in_channels, *input_size] to logits [N, num_classes], weights drawn by
        `initialise` from torch's global generator.

    Raises:
        UsageError: The images are so small that nothing is left of them at the last stage.
    """
    layers: list[nn.Module] = []
    shape = (in_channels, *input_size)
    for stage in stages:
        built, shape = stage.build(shape)
        layers += built
        if min(shape) < 1:
            raise UsageError(
                f"images of {input_size[0]}x{input_size[1]} pixels are too small for this network",
                way_out="enlarge the images or choose a model with fewer pools",
            )
    layers.append(nn.Flatten())
    features = prod(shape)
    for dense in head:
        built, features = dense.build(features)
        layers += built
    return initialise(nn.Sequential(*layers, nn.Linear(features, num_classes)))
