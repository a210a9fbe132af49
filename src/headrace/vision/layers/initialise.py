"""First weights for networks of ReLU."""

from __future__ import annotations

from typing import TypeVar

from torch import nn

__all__ = ["initialise"]

Network = TypeVar("Network", bound=nn.Module)


def initialise(network: Network) -> Network:
    """Draw the weights of every convolution and dense layer from a normal distribution, and zero the biases.

    Variance 2 / fan-in keeps the size of activations through any depth of ReLU (K. He et al., Delving Deep
    into Rectifiers, ICCV 2015, arXiv:1502.01852); the last dense layer, which no ReLU follows, has 1 /
    fan-in, so that training starts from even odds.

    Args:
        network: Changed in place; its last `nn.Linear` is taken for the output layer.

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
        nn.init.kaiming_normal_(output.weight, nonlinearity="linear")
    return network
