"""Layers of LeNet-5. Y. LeCun et al., Gradient-Based Learning Applied to Document Recognition (1998)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from headrace.arguments import check_integer
from headrace.errors import UsageError
from headrace.vision.layers.activation import ScaledTanh
from headrace.vision.layers.spec import Shape

__all__ = ["Partial", "PartialConv", "RBFOutput", "Subsample", "Subsampling"]


class Subsampling(nn.Module):
    """The sum of each `size` x `size` square, times a weight per map, plus a bias per map: S2 and S4.

    float [N, channels, H, W] to [N, channels, H // size, W // size]; 2 parameters per map.
    """

    def __init__(self, channels: int, size: int = 2) -> None:
        super().__init__()
        channels, self.size = check_integer(channels, "channels", 1), check_integer(size, "size", 1)
        self.weight = nn.Parameter(torch.full((channels, 1, 1), 1 / self.size**2))  # initially the mean
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, maps: Tensor) -> Tensor:
        """Subsample maps."""
        return F.avg_pool2d(maps, self.size) * self.size**2 * self.weight + self.bias

    def extra_repr(self) -> str:
        """Represent the number of maps and the size."""
        return f"{len(self.weight)}, size={self.size}"


class PartialConv(nn.Module):
    """A convolution in which each output map is connected to some of the input maps: C3.

    float [N, in_channels, H, W] to [N, len(table), H - kernel + 1, W - kernel + 1].

    Args:
        in_channels: Number of input maps.
        table: For each output map, the indices of its input maps.
        kernel_size: Side of the kernels; each connection has a kernel.

    Raises:
        UsageError: An index in the table is not below `in_channels`, or occurs twice in a row.
    """

    places: Tensor

    def __init__(self, in_channels: int, table: Sequence[Sequence[int]], kernel_size: int) -> None:
        super().__init__()
        in_channels = check_integer(in_channels, "in_channels", 1)
        kernel_size = check_integer(kernel_size, "kernel_size", 1)
        if not table or not all(table):
            hint = "name one input map or more for each output map"
            raise UsageError("expected a table of input maps, got an empty row or table", hint=hint)
        table = [[check_integer(index, "table") for index in row] for row in table]
        for row in table:
            if len(set(row)) < len(row) or not set(row) <= set(range(in_channels)):
                raise UsageError(
                    f"expected distinct indices of {in_channels} input maps, got {list(row)}",
                    hint=f"use each index from 0 to {in_channels - 1} at most once",
                )
        connections = [(output, index) for output, row in enumerate(table) for index in row]
        places = torch.full((len(table), in_channels), len(connections))
        for number, place in enumerate(connections):
            places[place] = number
        self.table = tuple(tuple(row) for row in table)
        self.weight = nn.Parameter(torch.empty(len(connections), kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(len(table)))
        self.register_buffer("places", places, persistent=False)
        fan_in = kernel_size**2 * len(connections) / len(table)
        nn.init.normal_(self.weight, std=fan_in**-0.5)

    def forward(self, maps: Tensor) -> Tensor:
        """Convolve maps."""
        absent = self.weight.new_zeros(1, *self.weight.shape[1:])
        return F.conv2d(maps, torch.cat([self.weight, absent])[self.places], self.bias)

    def extra_repr(self) -> str:
        """Represent the numbers of maps and the kernel size."""
        return f"{self.places.shape[1]}, {len(self.table)}, kernel_size={tuple(self.weight.shape[1:])}"


class RBFOutput(nn.Module):
    """The squared distance of features [N, F] from each class's code of -1 and 1: [N, classes].

    The class with the smallest distance is the most likely: negated distances are logits. Codes are not
    trained. They are drawn with equal probability, one of the paper's choices; the authors designed them as
    7 x 12 pixel images of characters, for 84 features.

    Args:
        features: Length of a code.
        classes: Number of classes.
    """

    codes: Tensor

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        features, classes = check_integer(features, "features", 1), check_integer(classes, "classes", 1)
        self.register_buffer("codes", torch.randint(0, 2, (classes, features)).float() * 2 - 1)

    def forward(self, features: Tensor) -> Tensor:
        """Compute the distances of features from the codes."""
        return (features[:, None] - self.codes).square().sum(dim=2)

    def extra_repr(self) -> str:
        """Represent the numbers of features and classes."""
        return f"{self.codes.shape[1]}, {self.codes.shape[0]}"


@dataclass(frozen=True)
class Subsample:
    """Spec of `Subsampling` and the scaled tanh: `subsampling`, `activation`."""

    size: int = 2

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        channels, height, width = shape
        subsampling = Subsampling(channels, self.size)
        layers: OrderedDict[str, nn.Module] = OrderedDict(subsampling=subsampling)
        layers["activation"] = ScaledTanh()
        return nn.Sequential(layers), (channels, height // subsampling.size, width // subsampling.size)


@dataclass(frozen=True)
class Partial:
    """Spec of `PartialConv` and the scaled tanh: `conv`, `activation`."""

    table: Sequence[Sequence[int]]
    kernel: int

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        channels, height, width = shape
        margin = self.kernel - 1
        layers: OrderedDict[str, nn.Module] = OrderedDict(conv=PartialConv(channels, self.table, self.kernel))
        layers["activation"] = ScaledTanh()
        return nn.Sequential(layers), (len(self.table), height - margin, width - margin)
