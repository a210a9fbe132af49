"""Inception-v3: factorised convolutions."""

from __future__ import annotations

from functools import partial

from torch import nn

from headrace.vision.layers import (
    AvgPool,
    ConvNorm,
    Dropout,
    GlobalPool,
    Inception,
    LayerSpec,
    MaxPool,
    auxiliary_network,
    is_small,
    network,
)
from headrace.vision.models.registry import register_model
from headrace.vision.weights import HALF

__all__ = ["inception_v3", "inception_v3_auxiliary"]

SOURCE = "C. Szegedy et al., Rethinking the Inception Architecture, CVPR 2016, arXiv:1512.00567"
AUXILIARY_WEIGHT = 0.4

Norm = partial(ConvNorm, epsilon=1e-3)
Valid = partial(Norm, padding="VALID")

STEM = {
    "Conv2d_1a_3x3": Valid(32, 3, 2),
    "Conv2d_2a_3x3": Valid(32, 3),
    "Conv2d_2b_3x3": Norm(64, 3),
    "MaxPool_3a_3x3": MaxPool(3, 2),
    "Conv2d_3b_1x1": Norm(80, 1),
    "Conv2d_4a_3x3": Valid(192, 3),
    "MaxPool_5a_3x3": MaxPool(3, 2),
}
SMALL_STEM = {"Conv2d_2b_3x3": Norm(64, 3), "Conv2d_3b_1x1": Norm(80, 1), "Conv2d_4a_3x3": Norm(192, 3)}


def grid_35(pool: int) -> Inception:
    """Build a module of 35x35 maps: a 5x5 convolution in parallel with two 3x3 convolutions."""
    return Inception(
        {
            "1x1": [Norm(64, 1)],
            "5x5": [Norm(48, 1), Norm(64, 5)],
            "3x3dbl": [Norm(64, 1), Norm(96, 3), Norm(96, 3)],
            "pool": [AvgPool(3, 1, 1), Norm(pool, 1)],
        }
    )


def grid_17(width: int) -> Inception:
    """Build a module of 17x17 maps: 7x7 convolutions factorised into 1x7 and 7x1 (figure 6 of the paper)."""
    return Inception(
        {
            "1x1": [Norm(192, 1)],
            "7x7": [Norm(width, 1), Norm(width, (1, 7)), Norm(192, (7, 1))],
            "7x7dbl": [
                *(Norm(width, 1), Norm(width, (7, 1)), Norm(width, (1, 7))),
                *(Norm(width, (7, 1)), Norm(192, (1, 7))),
            ],
            "pool": [AvgPool(3, 1, 1), Norm(192, 1)],
        }
    )


FORK = Inception({"1x3": [Norm(384, (1, 3))], "3x1": [Norm(384, (3, 1))]})
GRID_8 = Inception(  # figure 7 of the paper
    {
        "1x1": [Norm(320, 1)],
        "3x3": [Norm(384, 1), FORK],
        "3x3dbl": [Norm(448, 1), Norm(384, 3), FORK],
        "pool": [AvgPool(3, 1, 1), Norm(192, 1)],
    }
)
TO_17 = Inception(
    {
        "3x3": [Valid(384, 3, 2)],
        "3x3dbl": [Norm(64, 1), Norm(96, 3), Valid(96, 3, 2)],
        "pool": [MaxPool(3, 2)],
    }
)
TO_8 = Inception(
    {
        "3x3": [Norm(192, 1), Valid(320, 3, 2)],
        "7x7x3": [Norm(192, 1), Norm(192, (1, 7)), Norm(192, (7, 1)), Valid(192, 3, 2)],
        "pool": [MaxPool(3, 2)],
    }
)
MODULES = {
    "Mixed_5b": grid_35(32),
    "Mixed_5c": grid_35(64),
    "Mixed_5d": grid_35(64),
    "Mixed_6a": TO_17,
    "Mixed_6b": grid_17(128),
    "Mixed_6c": grid_17(160),
    "Mixed_6d": grid_17(160),
    "Mixed_6e": grid_17(192),
    "Mixed_7a": TO_8,
    "Mixed_7b": GRID_8,
    "Mixed_7c": GRID_8,
}
HEAD = {"pool": GlobalPool(), "dropout": Dropout(0.5)}

TORCHVISION = (
    (r"\.branch_pool\.", ".pool.1."),
    (r"\.branch3x3_2a\.", ".3x3.1.1x3.0."),
    (r"\.branch3x3_2b\.", ".3x3.1.3x1.0."),
    (r"\.branch3x3dbl_3a\.", ".3x3dbl.2.1x3.0."),
    (r"\.branch3x3dbl_3b\.", ".3x3dbl.2.3x1.0."),
    (r"\.branch(\w+)_1\.", r".\1.0."),
    (r"\.branch(\w+)_2\.", r".\1.1."),
    (r"\.branch(\w+)_3\.", r".\1.2."),
    (r"\.branch(\w+)_4\.", r".\1.3."),
    (r"\.branch(\w+)_5\.", r".\1.4."),
    (r"\.branch(\w+)\.", r".\1.0."),
    (r"\.bn\.", ".norm."),
    (r"^fc\.", "output."),
)
PLAIN = (*TORCHVISION, (r"^AuxLogits\..*", ""))
AUXILIARY = (
    *TORCHVISION,
    (r"^AuxLogits\.fc\.", "auxiliary.Mixed_6e.output."),
    (r"^AuxLogits\.", "auxiliary.Mixed_6e."),
)


def head(*, small: bool) -> dict[str, LayerSpec]:
    """Build the auxiliary classifier."""
    conv1 = Norm(768, 5, padding="SAME" if small else "VALID")
    return {"pool0": AvgPool(5, 3, "CEIL"), "conv0": Norm(128, 1), "conv1": conv1, "pool1": GlobalPool()}


@register_model(
    input_size=(299, 299),
    num_classes=1000,
    in_channels=3,
    source=SOURCE,
    parameters=23_834_568,
    reference="torchvision.models.inception_v3 without AuxLogits, timm's inception_v3",
    namings={"torchvision and timm": PLAIN, "headrace, with an auxiliary head": ((r"^auxiliary\..*", ""),)},
    input_transform=True,
    **HALF,
)
def inception_v3(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """Eleven modules on grids of 35x35, 17x17 and 8x8."""
    table = (SMALL_STEM if is_small(input_size) else STEM) | MODULES | HEAD
    return network(table, num_classes=num_classes, in_channels=in_channels, input_size=input_size)


@register_model(
    input_size=(299, 299),
    num_classes=1000,
    in_channels=3,
    source=SOURCE,
    parameters=27_161_264,
    reference="torchvision.models.inception_v3",
    namings={"torchvision": AUXILIARY},
    input_transform=True,
    **HALF,
)
def inception_v3_auxiliary(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """`inception_v3` with its auxiliary classifier: an `AuxiliaryNetwork`."""
    return auxiliary_network(
        (SMALL_STEM if is_small(input_size) else STEM) | MODULES | HEAD,
        {"Mixed_6e": head(small=min(input_size) < 299)},
        AUXILIARY_WEIGHT,
        num_classes=num_classes,
        in_channels=in_channels,
        input_size=input_size,
    )
