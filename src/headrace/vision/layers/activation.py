"""Activations: factories, as specs of layers name them, and the spec of an activation alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from headrace.vision.layers.spec import Shape

__all__ = ["Activate", "Activation", "ScaledTanh", "relu"]

Activation = Callable[[], nn.Module] | None

relu = partial(nn.ReLU, inplace=True)


class ScaledTanh(nn.Module):
    """1.7159 tanh(2/3 x): 1 at 1, -1 at -1, steepest in between. Y. LeCun et al. (1998), appendix A."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply the function to a float tensor of any shape."""
        return 1.7159 * torch.tanh(x * (2 / 3))


@dataclass(frozen=True)
class Activate:
    """Spec of an activation alone."""

    activation: Callable[[], nn.Module] = nn.ReLU

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        return self.activation(), shape
