"""The Fashion-MNIST network of a textbook chapter on convolutional networks."""

from __future__ import annotations

from torch import nn

from headrace.vision.layers import Conv, Dense, Flatten, MaxPool, network
from headrace.vision.models.registry import register_model

__all__ = ["fashion_cnn"]

STAGES = (
    Conv(64, kernel=7),
    MaxPool(2),
    Conv(128, kernel=3),
    Conv(128, kernel=3),
    MaxPool(2),
    Conv(256, kernel=3),
    Conv(256, kernel=3),
    MaxPool(2),
    Flatten(),
    Dense(128, dropout=0.5),
    Dense(64, dropout=0.5),
)


@register_model(
    input_size=(28, 28),
    source="A. Géron, Hands-On Machine Learning with Scikit-Learn, Keras & TensorFlow, 2nd ed., ch. 14",
    parameters=1_413_834,
    reference="counted by hand",
)
def fashion_cnn(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """Five convolutions, wider as the image shrinks; 1,413,834 parameters for 28x28x1 and 10 classes."""
    return network(STAGES, num_classes=num_classes, in_channels=in_channels, input_size=input_size)
