"""Sizes, activations and specs that a layer cannot have are refused in one line."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from headrace.errors import UsageError
from headrace.vision.layers import (
    Activate,
    AvgPool,
    Conv,
    Conv2d,
    ConvNorm,
    Dense,
    DepthwiseMaxPool,
    Dropout,
    Flatten,
    GlobalPool,
    GridPool,
    Inception,
    LayerSpec,
    LocalResponseNorm,
    MaxPool,
    MaxPool2d,
    Pad,
    PartialConv,
    RBFOutput,
    Residual,
    ResidualUnit,
    SeparableConv2d,
    Shortcut,
    SqueezeExcite,
    Stack,
    Subsampling,
    auxiliary_network,
    build,
    network,
)

THREE: Any = (3, 3, 3)
CASES: dict[str, tuple[Callable[[], Any], str]] = {
    "no channels": (lambda: Conv2d(0, 4, 3), "in_channels is 0"),
    "no maps": (lambda: Conv2d(3, 0, 3), "out_channels is 0"),
    "zero kernel": (lambda: Conv2d(3, 4, 0), "kernel_size is 0"),
    "zero stride": (lambda: Conv2d(3, 4, 3, stride=(1, 0)), "stride is 0"),
    "zero dilation": (lambda: Conv2d(3, 4, 3, dilation=0), "dilation is 0"),
    "fractional kernel": (lambda: Conv2d(3, 4, 2.5), "kernel_size: expected an integer, got 2.5"),  # pyright: ignore
    "three sides": (
        lambda: Conv2d(3, 4, THREE),
        r"kernel_size: expected one integer or \(height, width\)",
    ),  # pyright: ignore
    "groups": (lambda: Conv2d(3, 4, 3, groups=2), "groups: 2 does not divide 3 input maps"),
    "bias": (lambda: Conv2d(3, 4, 3, bias="no"), "bias: expected True or False"),  # pyright: ignore
    "multiplier": (lambda: SeparableConv2d(3, 4, 3, depth_multiplier=0), "depth_multiplier is 0"),
    "zero stride of a pool": (lambda: MaxPool2d(2, 0), "stride is 0"),
    "zero stride of a spec": (lambda: build(MaxPool(2, 0), 3), "stride is 0"),
    "float window": (lambda: build(AvgPool(2.0), 3), "kernel_size: expected an integer"),  # pyright: ignore
    "group of maps": (lambda: DepthwiseMaxPool(0), "size is 0"),
    "grid": (lambda: build(GridPool(0), 3), "size is 0"),
    "pad": (lambda: build(Pad(0), 3), "to is 0"),
    "epsilon": (lambda: build(ConvNorm(8, 3, epsilon=-1), 3), "epsilon: expected a number of at least 0"),
    "rate": (lambda: build(Dropout(50), 3), "rate: expected a number of at least 0 and of at most 1"),
    "dropout": (lambda: build(Dense(8, dropout=2), 3, (1, 1)), "dropout: expected a number"),
    "width": (lambda: build(Dense(0), 3, (1, 1)), "width is 0"),
    "maps": (lambda: build(Dense(8), 3, (4, 4)), "expects flat features, got maps of 4x4 pixels"),
    "reduction": (lambda: SqueezeExcite(16, 0), "reduction is 0"),
    "response": (lambda: LocalResponseNorm(0), "r is 0"),
    "scale": (lambda: Residual(nn.Identity(), nn.Identity(), scale=float("nan")), "scale: expected a number"),
    "subsampling": (lambda: Subsampling(3, 0), "size is 0"),
    "table": (lambda: PartialConv(3, [], 3), "got an empty row or table"),
    "codes": (lambda: RBFOutput(84, 0), "classes is 0"),
    "branches": (lambda: build(Inception([]), 3), "expected branches, got none"),
    "class of a spec": (lambda: build(Conv, 3), "spec: expected a spec of a layer"),  # pyright: ignore
    "module as a spec": (lambda: build(nn.ReLU(), 3), "spec: expected a spec of a layer"),  # pyright: ignore
    "no input maps": (lambda: build(Conv(8, 3), 0), "input maps is 0"),
    "one spec instead of a list": (lambda: build(Stack(Conv(8, 3)), 3), "expected stages, got Conv"),  # pyright: ignore
    "one spec as a branch": (lambda: build(Inception([Conv(8, 3)]), 3), "expected stages, got Conv"),  # pyright: ignore
    "one spec as a body": (lambda: build(Shortcut(Conv(8, 3)), 3), "expected stages, got Conv"),  # pyright: ignore
    "projection": (lambda: build(Shortcut([], nn.Identity()), 3), "projection: expected a spec"),  # pyright: ignore
    "size of maps": (lambda: build(Conv(8, 3), 3, THREE), "input_size: expected one integer or"),
    "stage of a network": (
        lambda: network(["conv"], num_classes=2, in_channels=3, input_size=(4, 4)),  # pyright: ignore
        "^stage '0': expected a spec of a layer, got 'conv'",
    ),
    "channels of a network": (
        lambda: network([Flatten()], num_classes=2, in_channels=0, input_size=(4, 4)),
        "^in_channels is 0",
    ),
    "head of no stage": (
        lambda: auxiliary_network(
            {"pool": GlobalPool()}, {"pol": []}, 0.3, num_classes=2, in_channels=3, input_size=(4, 4)
        ),
        "heads: no stage is named 'pol'; did you mean 'pool'",
    ),
    "index of a table": (lambda: PartialConv(3, [[0, 1.5]], 3), "table: expected an integer"),  # pyright: ignore
    "too small": (lambda: build(Conv(8, 9, padding="VALID"), 3, (4, 4)), "maps of 4x4 pixels are too small"),
    "maps before the output": (
        lambda: network([Conv(8, 3)], num_classes=2, in_channels=3, input_size=(4, 4)),
        "expected flat features before the output layer, got maps of 4x4 pixels",
    ),
    "no classes": (
        lambda: network([Flatten()], num_classes=0, in_channels=3, input_size=(4, 4)),
        "num_classes is 0",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_invalid_arguments_are_refused(case: str) -> None:
    make, message = CASES[case]
    with pytest.raises(UsageError, match=message):
        make()


@pytest.mark.parametrize("activation", ["relu", nn.ReLU(), torch.relu, 3])
@pytest.mark.parametrize("spec", [Conv, ConvNorm, Dense, Activate])
def test_activations_are_classes_of_layers(spec: Any, activation: Any) -> None:
    made = (
        spec(activation)
        if spec is Activate
        else spec(8, *(() if spec is Dense else (1,)), activation=activation)
    )
    with pytest.raises(UsageError, match="activation: expected a class of layers or None, got"):
        build(made, 3, (1, 1))


def test_squeeze_excite_of_8_maps_does_not_squeeze_to_0_features() -> None:
    for make in (lambda: SqueezeExcite(8), lambda: build(ResidualUnit(8, reduction=16), 8)):
        with pytest.raises(UsageError, match="squeezes 8 maps to 0 features; pass a reduction of at most 8"):
            make()
    assert SqueezeExcite(8, 8)(torch.zeros(1, 8, 2, 2)).shape == (1, 8, 2, 2)


@pytest.mark.parametrize(
    ("spec", "channels"),
    [(Shortcut([Conv(8, 3)]), 1), (Shortcut([Conv(1, 3)]), 8), (Shortcut([Conv(8, 3, 2)]), 8)],
)
def test_shortcut_does_not_broadcast(spec: LayerSpec, channels: int) -> None:
    with pytest.raises(UsageError, match="expected one output shape of body and shortcut, got"):
        build(spec, channels, (4, 4))


def test_residual_does_not_broadcast() -> None:
    for body, channels in ((nn.Conv2d(1, 8, 1), 1), (nn.AdaptiveAvgPool2d(1), 8)):
        with pytest.raises(UsageError, match="expected one output shape of body and shortcut, got"):
            Residual(body, nn.Identity())(torch.zeros(1, channels, 4, 4))


def test_numpy_s_integers_are_sizes() -> None:
    two, three = np.int64(2), np.int32(3)
    layer: Any = Conv2d(two, three, np.array([3, 3]), stride=two, groups=np.uint8(1))  # pyright: ignore
    assert layer(torch.zeros(1, 2, 8, 8)).shape == (1, 3, 4, 4)
    assert type(layer.out_channels) is int
    assert SqueezeExcite(np.int64(16))(torch.zeros(1, 16, 2, 2)).shape == (1, 16, 2, 2)  # pyright: ignore
