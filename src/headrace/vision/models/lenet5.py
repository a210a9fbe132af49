"""LeNet-5, as published and in its modern form."""

from __future__ import annotations

from torch import Tensor, nn

from headrace.vision.layers import (
    Conv,
    Dense,
    Flatten,
    MaxPool,
    Pad,
    Partial,
    RBFOutput,
    ScaledTanh,
    Subsample,
    build_stack,
    network,
)
from headrace.vision.models.registry import register_model

__all__ = ["lenet5", "lenet5_original"]

SOURCE = "Y. LeCun et al., Gradient-Based Learning Applied to Document Recognition, Proc. IEEE 86 (1998)"

MODERN = {
    "In": Pad(to=32),
    "C1": Conv(6, 5, padding="VALID"),
    "S2": MaxPool(2),
    "C3": Conv(16, 5, padding="VALID"),
    "S4": MaxPool(2),
    "flat": Flatten(),
    "C5": Dense(120),
    "F6": Dense(84),
}

# Table I of the paper: the maps of S2 that each map of C3 is connected to.
C3 = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (4, 5, 0), (5, 0, 1)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (3, 4, 5, 0), (4, 5, 0, 1), (5, 0, 1, 2)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5)),
)

ORIGINAL = {
    "In": Pad(to=32),
    "C1": Conv(6, 5, padding="VALID", activation=ScaledTanh),
    "S2": Subsample(),
    "C3": Partial(C3, 5),
    "S4": Subsample(),
    "C5": Conv(120, 5, padding="VALID", activation=ScaledTanh),
    "flat": Flatten(),
    "F6": Dense(84, activation=ScaledTanh),
}


@register_model(input_size=(28, 28), source=SOURCE, parameters=61_706, reference="counted by hand")
def lenet5(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """Two convolutions and three dense layers; 61,706 parameters for 28x28x1 and 10 classes.

    The modern form has ReLU instead of tanh, max pooling instead of trainable subsampling, a full second
    convolution and a linear output.
    """
    return network(MODERN, num_classes=num_classes, in_channels=in_channels, input_size=input_size)


@register_model(
    input_size=(28, 28), source=SOURCE, parameters=60_000, reference="the paper, section II-B, by layer"
)
def lenet5_original(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """Trainable subsampling, a partial C3, scaled tanh, and an output of radial basis functions.

    The published 60,000 parameters for 28x28x1: C1 156, S2 12, C3 1,516, S4 32, C5 48,120, F6 10,164. Logits
    are the negated distances. Initial weights are uniform within 2.4 / fan-in, as in the paper's appendix A.
    """
    layers, (features, *_) = build_stack(ORIGINAL, (in_channels, *input_size))
    layers.add_module("output", RBFOutput(features, num_classes))
    layers.add_module("likeness", Likeness())
    for layer in layers.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            fan_in = layer.weight[0].numel()
            nn.init.uniform_(layer.weight, -2.4 / fan_in, 2.4 / fan_in)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return layers


class Likeness(nn.Module):
    """Turns distances into logits: the nearest class is the most likely."""

    def forward(self, distances: Tensor) -> Tensor:
        """Negate distances."""
        return -distances
