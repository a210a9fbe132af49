"""Activations, as tables of layers name them: functions that make a fresh module."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

__all__ = ["Activation", "ScaledTanh", "relu"]

Activation = Callable[[], nn.Module] | None

relu = partial(nn.ReLU, inplace=True)


class ScaledTanh(nn.Module):
    """1.7159 tanh(2/3 x): 1 at 1, -1 at -1, steepest in between. Y. LeCun et al. (1998), appendix A."""

    def forward(self, x: Tensor) -> Tensor:
        """float, any shape, to the same shape."""
        return 1.7159 * torch.tanh(x * (2 / 3))
