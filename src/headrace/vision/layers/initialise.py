"""Weight initialisation for networks with ReLU."""

from __future__ import annotations

from typing import TypeVar

from torch import nn

__all__ = ["initialise"]

Network = TypeVar("Network", bound=nn.Module)


def initialise(network: Network) -> Network:
    """Draw the weights of every convolution and dense layer from a normal distribution, and zero the biases.

    Variance 2 / fan-in carries signals and gradients through any depth of ReLU (K. He et al., Delving Deep
    into Rectifiers, ICCV 2015, arXiv:1502.01852). The output layer starts near zero: max pooling lets
    activations grow, and logits of a standard deviation above 3 would be confident errors to unlearn first.

    Args:
        network: The network, changed in place; its last `nn.Linear` is the output layer.

    Returns:
        The same network.
    """
    output: nn.Linear | None = None
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        if isinstance(layer, nn.Linear):
            output = layer
    if output is not None:
        nn.init.normal_(output.weight, std=0.01)
    return network
