"""AlexNet, its successor ZF Net, and its one-tower form."""

from __future__ import annotations

from torch import nn

from headrace.vision.layers import Conv, Dense, Dropout, Flatten, MaxPool, ResponseNorm, is_small, network
from headrace.vision.models.registry import register_model
from headrace.vision.weights import IMAGENET

__all__ = ["alexnet", "alexnet_one_tower", "zfnet"]

ALEXNET_STEM = {"C1": Conv(96, 11, 4, "VALID"), "N1": ResponseNorm(), "S2": MaxPool(3, 2)}
ZFNET_STEM = {"C1": Conv(96, 7, 2, 1), "S2": MaxPool(3, 2, "CEIL"), "N2": ResponseNorm()}
SMALL_STEM = {"C1": Conv(96, 5), "N1": ResponseNorm(), "S2": MaxPool(3, 2)}

ALEXNET_C3 = {"C3": Conv(256, 5), "N3": ResponseNorm(), "S4": MaxPool(3, 2)}
ZFNET_C3 = {"C3": Conv(256, 5, 2, "VALID"), "S4": MaxPool(3, 2, "CEIL"), "N4": ResponseNorm()}

REST = {
    "C5": Conv(384, 3),
    "C6": Conv(384, 3),
    "C7": Conv(256, 3),
    "S8": MaxPool(3, 2),
    "flat": Flatten(),
    "F9": Dense(4096, dropout=0.5),
    "F10": Dense(4096, dropout=0.5),
}

ONE_TOWER_STEM = {"C1": Conv(64, 11, 4, 2), "S2": MaxPool(3, 2)}
ONE_TOWER_SMALL_STEM = {"C1": Conv(64, 5), "S2": MaxPool(3, 2)}
ONE_TOWER_REST = {
    "C3": Conv(192, 5),
    "S4": MaxPool(3, 2),
    "C5": Conv(384, 3),
    "C6": Conv(256, 3),
    "C7": Conv(256, 3),
    "S8": MaxPool(3, 2),
    "flat": Flatten(),
    "dropout": Dropout(0.5),
    "F9": Dense(4096, dropout=0.5),
    "F10": Dense(4096),
}
ONE_TOWER_TORCHVISION = (
    (r"^features\.0\.", "C1.conv."),
    (r"^features\.3\.", "C3.conv."),
    (r"^features\.6\.", "C5.conv."),
    (r"^features\.8\.", "C6.conv."),
    (r"^features\.10\.", "C7.conv."),
    (r"^classifier\.1\.", "F9.linear."),
    (r"^classifier\.4\.", "F10.linear."),
    (r"^classifier\.6\.", "output."),
)


@register_model(
    input_size=(227, 227),
    num_classes=1000,
    in_channels=3,
    source="A. Krizhevsky et al., ImageNet Classification with Deep CNNs, NIPS 2012",
    parameters=62_378_344,
    reference="counted by hand: the paper's 60,965,224, had C3, C6 and C7 not been split between two GPUs",
)
def alexnet(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """Five convolutions, local response normalisation, and three dense layers with dropout."""
    stages = (SMALL_STEM if is_small(input_size) else ALEXNET_STEM) | ALEXNET_C3 | REST
    return network(stages, num_classes=num_classes, in_channels=in_channels, input_size=input_size)


@register_model(
    input_size=(224, 224),
    num_classes=1000,
    in_channels=3,
    source="M. Zeiler, R. Fergus, Visualizing and Understanding CNNs, ECCV 2014, arXiv:1311.2901",
    parameters=62_357_608,
    reference="counted by hand, from figure 3 of the paper",
)
def zfnet(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """AlexNet with smaller and denser kernels in its first two convolutions."""
    stages = (SMALL_STEM | ALEXNET_C3 if is_small(input_size) else ZFNET_STEM | ZFNET_C3) | REST
    return network(stages, num_classes=num_classes, in_channels=in_channels, input_size=input_size)


@register_model(
    input_size=(224, 224),
    num_classes=1000,
    in_channels=3,
    source="A. Krizhevsky, One weird trick for parallelizing CNNs, 2014, arXiv:1404.5997",
    parameters=61_100_840,
    reference="torchvision.models.alexnet",
    namings={"torchvision": ONE_TOWER_TORCHVISION},
    **IMAGENET,
)
def alexnet_one_tower(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """The AlexNet of torchvision: narrower convolutions, no normalisation."""
    stem = ONE_TOWER_SMALL_STEM if is_small(input_size) else ONE_TOWER_STEM
    return network(
        stem | ONE_TOWER_REST, num_classes=num_classes, in_channels=in_channels, input_size=input_size
    )
