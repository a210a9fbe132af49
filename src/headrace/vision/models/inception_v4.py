"""Inception-v4 and Inception-ResNet-v2."""

from __future__ import annotations

from functools import partial

from torch import nn

from headrace.vision.layers import (
    Activation,
    AvgPool,
    Conv,
    ConvNorm,
    Dropout,
    GlobalPool,
    Inception,
    LayerSpec,
    MaxPool,
    Shortcut,
    Stack,
    is_small,
    network,
    relu,
)
from headrace.vision.models.registry import register_model
from headrace.vision.weights import HALF

__all__ = ["inception_resnet_v2", "inception_v4"]

SOURCE = "C. Szegedy et al., Inception-v4, Inception-ResNet and ..., AAAI 2017, arXiv:1602.07261"

Norm = partial(ConvNorm, epsilon=1e-3)
Valid = partial(Norm, padding="VALID")
POOL = MaxPool(3, 2)
MEAN = AvgPool(3, 1, "SAME")

# Figure 3 of the paper.
V4_STEM = {
    "Conv2d_1a_3x3": Valid(32, 3, 2),
    "Conv2d_2a_3x3": Valid(32, 3),
    "Conv2d_2b_3x3": Norm(64, 3),
    "Mixed_3a": Inception([[POOL], [Valid(96, 3, 2)]]),
    "Mixed_4a": Inception(
        [
            [Norm(64, 1), Valid(96, 3)],
            [Norm(64, 1), Norm(64, (1, 7)), Norm(64, (7, 1)), Valid(96, 3)],
        ]
    ),
    "Mixed_5a": Inception([[Valid(192, 3, 2)], [POOL]]),
}
V4_SMALL_STEM = {"Conv2d_2b_3x3": Norm(64, 3), "Conv2d_4a_3x3": Norm(192, 3), "Conv2d_5a_3x3": Norm(384, 3)}

V4_A = Inception(  # figure 4
    [
        [Norm(96, 1)],
        [Norm(64, 1), Norm(96, 3)],
        [Norm(64, 1), Norm(96, 3), Norm(96, 3)],
        [MEAN, Norm(96, 1)],
    ]
)
V4_B = Inception(  # figure 5
    [
        [Norm(384, 1)],
        [Norm(192, 1), Norm(224, (1, 7)), Norm(256, (7, 1))],
        [Norm(192, 1), Norm(192, (7, 1)), Norm(224, (1, 7)), Norm(224, (7, 1)), Norm(256, (1, 7))],
        [MEAN, Norm(128, 1)],
    ]
)
FORK = Inception([[Norm(256, (1, 3))], [Norm(256, (3, 1))]])
V4_C = Inception(  # figure 6
    [
        [Norm(256, 1)],
        [Norm(384, 1), FORK],
        [Norm(384, 1), Norm(448, (3, 1)), Norm(512, (1, 3)), FORK],
        [MEAN, Norm(256, 1)],
    ]
)
# Figures 7 and 8.
V4_TO_17 = Inception([[Valid(384, 3, 2)], [Norm(192, 1), Norm(224, 3), Valid(256, 3, 2)], [POOL]])
V4_TO_8 = Inception(
    [
        [Norm(192, 1), Valid(192, 3, 2)],
        [Norm(256, 1), Norm(256, (1, 7)), Norm(320, (7, 1)), Valid(320, 3, 2)],
        [POOL],
    ]
)
V4_MODULES = {
    **{f"Mixed_5{letter}": V4_A for letter in "bcde"},
    "Mixed_6a": V4_TO_17,
    **{f"Mixed_6{letter}": V4_B for letter in "bcdefgh"},
    "Mixed_7a": V4_TO_8,
    **{f"Mixed_7{letter}": V4_C for letter in "bcd"},
}
HEAD = {"pool": GlobalPool(), "dropout": Dropout(0.2)}

BRANCHES = (
    (r"\.branch(\d)\.(conv|bn)\.", r".\1.0.\2."),
    (r"\.branch(\d)\.", r".\1."),
    (r"\.bn\.", ".norm."),
)
V4_TIMM = (
    *((rf"^features\.{n}\.", f"{name}.") for n, name in enumerate([*V4_STEM, *V4_MODULES])),
    (r"^Mixed_3a\.conv\.", "Mixed_3a.1.0."),
    (r"^Mixed_5a\.conv\.", "Mixed_5a.0.0."),
    (r"\.branch1_0\.", ".1.0."),
    (r"\.branch1_1a\.", ".1.1.0.0."),
    (r"\.branch1_1b\.", ".1.1.1.0."),
    (r"\.branch2_([012])\.", r".2.\1."),
    (r"\.branch2_3a\.", ".2.3.0.0."),
    (r"\.branch2_3b\.", ".2.3.1.0."),
    *BRANCHES,
    (r"^last_linear\.", "output."),
)


@register_model(
    input_size=(299, 299),
    num_classes=1000,
    in_channels=3,
    source=SOURCE,
    parameters=42_679_816,
    reference="timm's inception_v4",
    namings={"timm": V4_TIMM},
    **HALF,
)
def inception_v4(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """Four A modules, seven B modules and three C modules, with reductions between them."""
    table = (V4_SMALL_STEM if is_small(input_size) else V4_STEM) | V4_MODULES | HEAD
    return network(table, num_classes=num_classes, in_channels=in_channels, input_size=input_size)


RESNET_STEM = {
    "Conv2d_1a_3x3": Valid(32, 3, 2),
    "Conv2d_2a_3x3": Valid(32, 3),
    "Conv2d_2b_3x3": Norm(64, 3),
    "MaxPool_3a_3x3": POOL,
    "Conv2d_3b_1x1": Norm(80, 1),
    "Conv2d_4a_3x3": Valid(192, 3),
    "MaxPool_5a_3x3": POOL,
}
RESNET_SMALL_STEM = {
    "Conv2d_2b_3x3": Norm(64, 3),
    "Conv2d_3b_1x1": Norm(80, 1),
    "Conv2d_4a_3x3": Norm(192, 3),
}
MIXED_5B = Inception(
    [
        [Norm(96, 1)],
        [Norm(48, 1), Norm(64, 5)],
        [Norm(64, 1), Norm(96, 3), Norm(96, 3)],
        [MEAN, Norm(64, 1)],
    ]
)
MIXED_6A = Inception([[Valid(384, 3, 2)], [Norm(256, 1), Norm(256, 3), Valid(384, 3, 2)], [POOL]])
MIXED_7A = Inception(
    [
        [Norm(256, 1), Valid(384, 3, 2)],
        [Norm(256, 1), Valid(288, 3, 2)],
        [Norm(256, 1), Norm(288, 3), Valid(320, 3, 2)],
        [POOL],
    ]
)


def block(branches: Inception, width: int, scale: float, activation: Activation = relu) -> Shortcut:
    """Build an Inception module, a linear 1x1 convolution back to `width`, and the shortcut around both."""
    return Shortcut([branches, Conv(width, 1, activation=None)], scale=scale, activation=activation)


# Figures 16, 17 and 19; the residual scales are those of the authors' TensorFlow implementation.
BLOCK_35 = Inception([[Norm(32, 1)], [Norm(32, 1), Norm(32, 3)], [Norm(32, 1), Norm(48, 3), Norm(64, 3)]])
BLOCK_17 = Inception([[Norm(192, 1)], [Norm(128, 1), Norm(160, (1, 7)), Norm(192, (7, 1))]])
BLOCK_8 = Inception([[Norm(192, 1)], [Norm(192, 1), Norm(224, (1, 3)), Norm(256, (3, 1))]])

RESNET_MODULES: dict[str, LayerSpec] = {
    "Mixed_5b": MIXED_5B,
    "Block35": Stack([block(BLOCK_35, 320, 0.17)] * 10),
    "Mixed_6a": MIXED_6A,
    "Block17": Stack([block(BLOCK_17, 1088, 0.1)] * 20),
    "Mixed_7a": MIXED_7A,
    "Block8": Stack([block(BLOCK_8, 2080, 0.2)] * 9),
    "Block8_last": block(BLOCK_8, 2080, 1.0, None),
    "Conv2d_7b_1x1": Norm(1536, 1),
}
RESNET_TIMM = (
    (r"^conv2d_1a\.", "Conv2d_1a_3x3."),
    (r"^conv2d_2a\.", "Conv2d_2a_3x3."),
    (r"^conv2d_2b\.", "Conv2d_2b_3x3."),
    (r"^conv2d_3b\.", "Conv2d_3b_1x1."),
    (r"^conv2d_4a\.", "Conv2d_4a_3x3."),
    (r"^conv2d_7b\.", "Conv2d_7b_1x1."),
    (r"^mixed_", "Mixed_"),
    (r"^repeat\.", "Block35."),
    (r"^repeat_1\.", "Block17."),
    (r"^repeat_2\.", "Block8."),
    (r"^block8\.", "Block8_last."),
    (r"^(Block\w+(?:\.\d+)?)\.branch", r"\1.body.0.branch"),
    (r"\.conv2d\.", ".body.1.conv."),
    *BRANCHES,
    (r"^classif\.", "output."),
)


@register_model(
    input_size=(299, 299),
    num_classes=1000,
    in_channels=3,
    source=SOURCE,
    parameters=55_843_464,
    reference="timm's inception_resnet_v2",
    namings={"timm": RESNET_TIMM},
    **HALF,
)
def inception_resnet_v2(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """Forty Inception modules with shortcuts."""
    table = (RESNET_SMALL_STEM if is_small(input_size) else RESNET_STEM) | RESNET_MODULES | HEAD
    return network(table, num_classes=num_classes, in_channels=in_channels, input_size=input_size)
