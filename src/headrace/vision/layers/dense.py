"""Specs of the flat end of a network: flatten, dropout, dense."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from math import prod

from torch import nn

from headrace.arguments import check_integer, check_number
from headrace.errors import UsageError
from headrace.vision.layers.activation import Activation, build_activation, relu
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
        return nn.Dropout(check_number(self.rate, "rate", least=0, most=1)), shape


@dataclass(frozen=True)
class Dense:
    """Spec of a dense layer with activation and dropout on features: `linear`, `activation`, `dropout`."""

    width: int
    dropout: float = 0.0
    activation: Activation = relu

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        if shape[1:] != (1, 1):
            what = f"a dense layer expects flat features, got maps of {shape[1]}x{shape[2]} pixels"
            raise UsageError(what, hint="put Flatten() or GlobalPool() before Dense")
        width, dropout = (
            check_integer(self.width, "width", 1),
            check_number(self.dropout, "dropout", least=0, most=1),
        )
        layers: OrderedDict[str, nn.Module] = OrderedDict(linear=nn.Linear(shape[0], width))
        activation = build_activation(self.activation)
        if activation is not None:
            layers["activation"] = activation
        if dropout:
            layers["dropout"] = nn.Dropout(dropout)
        return nn.Sequential(layers), (width, 1, 1)
