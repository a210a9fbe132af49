"""Activations: factories, as specs of layers name them, and the spec of an activation alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from headrace.arguments import show_value
from headrace.errors import UsageError
from headrace.vision.layers.spec import Shape

__all__ = ["Activate", "Activation", "ScaledTanh", "build_activation", "relu"]

Activation = Callable[[], nn.Module] | None

relu = partial(nn.ReLU, inplace=True)


class ScaledTanh(nn.Module):
    """1.7159 tanh(2/3 x): 1 at 1, -1 at -1, steepest in between. Y. LeCun et al. (1998), appendix A."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply the function to a float tensor of any shape."""
        return 1.7159 * torch.tanh(x * (2 / 3))


def build_activation(activation: Activation) -> nn.Module | None:
    """Build the layer of an activation; None for none.

    Raises:
        UsageError: `activation` is not a class or function that makes a layer.
    """
    if activation is None:
        return None
    try:
        layer = None if isinstance(activation, nn.Module) else activation()
    except TypeError:  # a name, or a function of tensors
        layer = None
    if not isinstance(layer, nn.Module):
        what = f"activation: expected a class of layers or None, got {show_value(activation)}"
        raise UsageError(what, hint="pass the class itself: nn.ReLU, nn.GELU")
    return layer


@dataclass(frozen=True)
class Activate:
    """Spec of an activation alone."""

    activation: Callable[[], nn.Module] = nn.ReLU

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        return build_activation(self.activation) or nn.Identity(), shape
