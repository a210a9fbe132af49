"""Small layers in a table of layers: padding, activations alone, and the flat end of a network."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from torch import nn

from headrace.vision.layers.activation import Activation, relu
from headrace.vision.layers.spec import Shape

__all__ = ["Activate", "Dense", "Dropout", "Flatten", "Pad"]


@dataclass(frozen=True)
class Pad:
    """Zeros around images smaller than `to` pixels a side, the image in the middle."""

    to: int

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The layer, and the shape it gives."""
        channels, height, width = shape
        down, right = max(0, self.to - height), max(0, self.to - width)
        margins = (right // 2, right - right // 2, down // 2, down - down // 2)
        return nn.ZeroPad2d(margins), (channels, height + down, width + right)


@dataclass(frozen=True)
class Activate:
    """An activation alone."""

    activation: Callable[[], nn.Module] = nn.ReLU

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The layer, and the shape it gives."""
        return self.activation(), shape


@dataclass(frozen=True)
class Flatten:
    """Maps to features: [N, C, H, W] to [N, C * H * W]."""

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The layer, and the shape it gives."""
        return nn.Flatten(), (prod(shape), 1, 1)


@dataclass(frozen=True)
class Dropout:
    """Zeros features with probability `rate` in training."""

    rate: float

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The layer, and the shape it gives."""
        return nn.Dropout(self.rate), shape


@dataclass(frozen=True)
class Dense:
    """A dense layer, its activation and dropout, on flat features: `linear`, `activation`, `dropout`."""

    width: int
    dropout: float = 0.0
    activation: Activation = relu

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The layers, and the shape they give."""
        layers: OrderedDict[str, nn.Module] = OrderedDict(linear=nn.Linear(shape[0], self.width))
        if self.activation is not None:
            layers["activation"] = self.activation()
        if self.dropout:
            layers["dropout"] = nn.Dropout(self.dropout)
        return nn.Sequential(layers), (self.width, 1, 1)
