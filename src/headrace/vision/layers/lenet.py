"""What only LeNet-5 has. Y. LeCun et al., Gradient-Based Learning Applied to Document Recognition (1998)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from headrace.errors import UsageError
from headrace.vision.layers.activation import ScaledTanh
from headrace.vision.layers.spec import Shape

__all__ = ["Partial", "PartialConv", "RBFOutput", "Subsample", "Subsampling"]


class Subsampling(nn.Module):
    """The sum of each `size` x `size` square, times one number a map, plus another: S2 and S4.

    float [N, channels, H, W] to [N, channels, H // size, W // size]; 2 parameters a map.
    """

    def __init__(self, channels: int, size: int = 2) -> None:
        super().__init__()
        self.size = size
        self.weight = nn.Parameter(torch.full((channels, 1, 1), 1 / size**2))  # the mean, to begin with
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, maps: Tensor) -> Tensor:
        """Maps to smaller maps."""
        return F.avg_pool2d(maps, self.size) * self.size**2 * self.weight + self.bias

    def extra_repr(self) -> str:
        """Maps and size."""
        return f"{len(self.weight)}, size={self.size}"


class PartialConv(nn.Module):
    """A convolution whose maps see some of the maps that come in: C3.

    float [N, in_channels, H, W] to [N, len(table), H - kernel + 1, W - kernel + 1].

    Args:
        in_channels: Maps that come in.
        table: For every map that goes out, the numbers of the maps it sees, from 0.
        kernel_size: Side of the kernels; each connection has one.

    Raises:
        UsageError: A number in the table is not below `in_channels`, or stands twice in a row.
    """

    places: Tensor

    def __init__(self, in_channels: int, table: Sequence[Sequence[int]], kernel_size: int) -> None:
        super().__init__()
        for row in table:
            if len(set(row)) < len(row) or not set(row) <= set(range(in_channels)):
                raise UsageError(
                    f"a map that sees {list(row)} of {in_channels} maps",
                    hint=f"give different numbers from 0 to {in_channels - 1}",
                )
        connections = [(out, into) for out, row in enumerate(table) for into in row]
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
        """Maps to maps."""
        absent = self.weight.new_zeros(1, *self.weight.shape[1:])
        return F.conv2d(maps, torch.cat([self.weight, absent])[self.places], self.bias)

    def extra_repr(self) -> str:
        """Maps and kernel."""
        return f"{self.places.shape[1]}, {len(self.table)}, kernel_size={tuple(self.weight.shape[1:])}"


class RBFOutput(nn.Module):
    """The squared distance of features [N, F] from every class's code of -1 and 1: [N, classes].

    The smallest is the likeliest: negated, distances are logits. Codes are not trained, and drawn with even
    odds, one of the paper's choices; the authors drew pictures of characters, 7 x 12 pixels, for 84 features.

    Args:
        features: Length of a code.
        classes: How many.
    """

    codes: Tensor

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.register_buffer("codes", torch.randint(0, 2, (classes, features)).float() * 2 - 1)

    def forward(self, features: Tensor) -> Tensor:
        """Features to distances."""
        return (features[:, None] - self.codes).square().sum(dim=2)

    def extra_repr(self) -> str:
        """Features and classes."""
        return f"{self.codes.shape[1]}, {self.codes.shape[0]}"


@dataclass(frozen=True)
class Subsample:
    """`Subsampling` and the scaled tanh: `subsampling`, `activation`."""

    size: int = 2

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The layers, and the shape they give."""
        channels, height, width = shape
        layers: OrderedDict[str, nn.Module] = OrderedDict(subsampling=Subsampling(channels, self.size))
        layers["activation"] = ScaledTanh()
        return nn.Sequential(layers), (channels, height // self.size, width // self.size)


@dataclass(frozen=True)
class Partial:
    """`PartialConv` and the scaled tanh: `conv`, `activation`."""

    table: Sequence[Sequence[int]]
    kernel: int

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The layers, and the shape they give."""
        channels, height, width = shape
        lost = self.kernel - 1
        layers: OrderedDict[str, nn.Module] = OrderedDict(conv=PartialConv(channels, self.table, self.kernel))
        layers["activation"] = ScaledTanh()
        return nn.Sequential(layers), (len(self.table), height - lost, width - lost)
