"""LeNet-5, in its modern form."""

from __future__ import annotations

from torch import nn

from headrace.vision.layers import Conv, Dense, MaxPool, Pad, plain_network
from headrace.vision.models.registry import register_model

__all__ = ["lenet5"]

STAGES = (
    Pad(to=32),
    Conv(6, kernel=5, padding=0),
    MaxPool(2),
    Conv(16, kernel=5, padding=0),
    MaxPool(2),
)
HEAD = (Dense(120), Dense(84))


@register_model(
    input_size=(28, 28),
    source="Y. LeCun et al., Gradient-Based Learning Applied to Document Recognition, Proc. IEEE 86 (1998)",
)
def lenet5(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """Two convolutions and three dense layers; 61,706 parameters for 28x28x1 and 10 classes.

    Modern: ReLU for tanh, max pooling for trainable subsampling, a full second convolution, a linear output.
    """
    return plain_network(
        STAGES, HEAD, num_classes=num_classes, in_channels=in_channels, input_size=input_size
    )
