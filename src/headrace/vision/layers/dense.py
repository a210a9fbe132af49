"""Specs of the flat end of a network: flatten, dropout, dense."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from math import prod

from torch import nn

from headrace.vision.layers.activation import Activation, relu
from headrace.vision.layers.spec import Shape

__all__ = ["Dense", "Dropout", "Flatten"]


@dataclass(frozen=True)
class Flatten:
    """Spec of `nn.Flatten`: maps [N, C, H, W] to features [N, C * H * W]."""

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        return nn.Flatten(), (prod(shape), 1, 1)


@dataclass(frozen=True)
class Dropout:
    """Spec of `nn.Dropout`, which zeros features with probability `rate` in training."""

    rate: float

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        return nn.Dropout(self.rate), shape


@dataclass(frozen=True)
class Dense:
    """Spec of a dense layer with activation and dropout on features: `linear`, `activation`, `dropout`."""

    width: int
    dropout: float = 0.0
    activation: Activation = relu

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        layers: OrderedDict[str, nn.Module] = OrderedDict(linear=nn.Linear(shape[0], self.width))
        if self.activation is not None:
            layers["activation"] = self.activation()
        if self.dropout:
            layers["dropout"] = nn.Dropout(self.dropout)
        return nn.Sequential(layers), (self.width, 1, 1)
