"""SENet: ResNets with squeeze-and-excitation in each unit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import nn

from headrace.vision.layers import (
    ConvNorm,
    Dropout,
    GlobalPool,
    LayerSpec,
    MaxPool,
    Shortcut,
    Squeeze,
    Stack,
    is_small,
    network,
)
from headrace.vision.models.registry import register_model
from headrace.vision.models.resnet import UNITS
from headrace.vision.weights import IMAGENET

__all__ = ["se_resnet", "senet154"]

SOURCE = "J. Hu et al., Squeeze-and-Excitation Networks, CVPR 2018, arXiv:1709.01507"
WIDTHS = (64, 128, 256, 512)
# The number of units in each stage; and parameters.
SE_RESNETS = {
    "se_resnet50": ((3, 4, 6, 3), 28_088_024),
    "se_resnet101": ((3, 4, 23, 3), 49_326_872),
    "se_resnet152": ((3, 8, 36, 3), 66_821_848),
}
SENET154 = (3, 8, 36, 3)

POOL = {"pool1": MaxPool(3, 2, "CEIL")}
STEM = {"conv1": ConvNorm(64, 7, 2, 3), **POOL}
SMALL_STEM = {"conv1": ConvNorm(64, 3)}
SENET154_STEM = {"conv1": ConvNorm(64, 3, 2, 1), "conv2": ConvNorm(64, 3), "conv3": ConvNorm(128, 3), **POOL}
SENET154_SMALL_STEM = {"conv1": ConvNorm(64, 3), "conv2": ConvNorm(64, 3), "conv3": ConvNorm(128, 3)}

TIMM = (
    (r"^layer0\.conv(\d)\.", r"conv\1.conv."),
    (r"^layer0\.bn(\d)\.", r"conv\1.norm."),
    *UNITS,
    (r"\.se_module\.fc1\.", ".body.3.gate.squeeze."),
    (r"\.se_module\.fc2\.", ".body.3.gate.excite."),
    (r"^last_linear\.", "output."),
)

Unit = Callable[[int, int, bool], Shortcut]


def se_unit(width: int, stride: int, projects: bool) -> Shortcut:
    """Build a bottleneck with the stride in the first convolution, as in the authors' weights."""
    body = (
        ConvNorm(width, 1, stride),
        ConvNorm(width, 3),
        ConvNorm(4 * width, 1, activation=None),
        Squeeze(),
    )
    return Shortcut(body, ConvNorm(4 * width, 1, stride, activation=None) if projects else None)


def senet154_unit(width: int, stride: int, projects: bool) -> Shortcut:
    """Build a bottleneck with 64 groups; shortcuts with a stride are 3x3 convolutions."""
    body = (
        ConvNorm(2 * width, 1),
        ConvNorm(4 * width, 3, stride, 1, groups=64),
        ConvNorm(4 * width, 1, activation=None),
        Squeeze(),
    )
    kernel, padding = (1, 0) if stride == 1 else (3, 1)
    projection = ConvNorm(4 * width, kernel, stride, padding, activation=None)
    return Shortcut(body, projection if projects else None)


def stages(stem: dict[str, LayerSpec], unit: Unit, counts: tuple[int, ...]) -> dict[str, LayerSpec]:
    """Build the table: the stem, conv2_x, ..., conv5_x; each stage except the first halves the maps."""
    table: dict[str, LayerSpec] = {**stem}
    for number, (width, count) in enumerate(zip(WIDTHS, counts, strict=True), 2):
        rest = [unit(width, 1, False)] * (count - 1)
        table[f"conv{number}_x"] = Stack([unit(width, 1 if number == 2 else 2, True), *rest])
    return table | {"pool": GlobalPool()}


def se_resnet(
    counts: tuple[int, ...], *, num_classes: int, in_channels: int, input_size: tuple[int, int]
) -> nn.Module:
    """Build four stages of `counts` bottlenecks."""
    table = stages({**(SMALL_STEM if is_small(input_size) else STEM)}, se_unit, counts)
    return network(table, num_classes=num_classes, in_channels=in_channels, input_size=input_size)


for _name, (_counts, _parameters) in SE_RESNETS.items():
    register_model(
        name=_name,
        input_size=(224, 224),
        num_classes=1000,
        in_channels=3,
        source=SOURCE,
        parameters=_parameters,
        reference=f"timm's legacy_{_name.replace('_', '')}, converted from the authors' Caffe",
        namings={"timm's legacy": TIMM},
        **IMAGENET,
    )(partial(se_resnet, _counts))


@register_model(
    input_size=(224, 224),
    num_classes=1000,
    in_channels=3,
    source=SOURCE,
    parameters=115_088_984,
    reference="timm's legacy_senet154, converted from the authors' Caffe",
    namings={"timm's legacy": TIMM},
    **IMAGENET,
)
def senet154(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """The winner of ILSVRC 2017."""
    stem = SENET154_SMALL_STEM if is_small(input_size) else SENET154_STEM
    table = stages({**stem}, senet154_unit, SENET154) | {"dropout": Dropout(0.2)}
    return network(table, num_classes=num_classes, in_channels=in_channels, input_size=input_size)
