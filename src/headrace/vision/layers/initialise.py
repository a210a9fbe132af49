"""Weight initialisation for networks with ReLU."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

__all__ = ["initialise"]

Network = TypeVar("Network", bound=nn.Module)


def initialise(network: Network, seed: int | None = None) -> Network:
    """Draw the weights of every convolution and dense layer from a normal distribution, and zero the biases.

    Variance 2 / fan-in carries signals and gradients through any depth of ReLU (K. He et al., Delving Deep
    into Rectifiers, ICCV 2015, arXiv:1502.01852). The output layer starts near zero: max pooling lets
    activations grow, and logits of a standard deviation above 3 would be confident errors to unlearn first.

    Args:
        network: The network, changed in place; its last `nn.Linear` is the output layer.
        seed: Draws the weights; None draws them from torch's global generator.

    Returns:
        The same network.

    Example:
        >>> from torch import nn
        >>> network = initialise(nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10)), seed=0)
        >>> float(network[0].bias.abs().sum()), bool(network[0].weight.std() > 0.04)
        (0.0, True)
    """
    output: nn.Linear | None = None
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        if isinstance(layer, nn.Linear):
            output = layer
    if output is not None:
        nn.init.normal_(output.weight, std=0.01, generator=generator)
    return network
