"""ResNet: stages of residual units."""

from __future__ import annotations

from functools import partial

from torch import nn

from headrace.vision.layers import (
    BottleneckUnit,
    ConvNorm,
    GlobalPool,
    LayerSpec,
    MaxPool,
    ResidualUnit,
    Stack,
    is_small,
    network,
)
from headrace.vision.models.registry import register_model
from headrace.vision.weights import IMAGENET

__all__ = ["resnet"]

Unit = type[ResidualUnit] | type[BottleneckUnit]

WIDTHS = (64, 128, 256, 512)
# Table 1 of the paper: the unit, the number of units in each stage; and parameters.
VARIANTS: dict[str, tuple[Unit, tuple[int, ...], int]] = {
    "resnet18": (ResidualUnit, (2, 2, 2, 2), 11_689_512),
    "resnet34": (ResidualUnit, (3, 4, 6, 3), 21_797_672),
    "resnet50": (BottleneckUnit, (3, 4, 6, 3), 25_557_032),
    "resnet101": (BottleneckUnit, (3, 4, 23, 3), 44_549_160),
    "resnet152": (BottleneckUnit, (3, 8, 36, 3), 60_192_808),
}
STEM = {"conv1": ConvNorm(64, 7, 2, padding=3), "pool1": MaxPool(3, 2, padding=1)}
SMALL_STEM = {"conv1": ConvNorm(64, 3)}

# The names of stages and units in torchvision and timm.
UNITS = (
    (r"^layer1\.", "conv2_x."),
    (r"^layer2\.", "conv3_x."),
    (r"^layer3\.", "conv4_x."),
    (r"^layer4\.", "conv5_x."),
    (r"(_x\.\d+)\.conv1\.", r"\1.body.0.conv."),
    (r"(_x\.\d+)\.conv2\.", r"\1.body.1.conv."),
    (r"(_x\.\d+)\.conv3\.", r"\1.body.2.conv."),
    (r"(_x\.\d+)\.bn1\.", r"\1.body.0.norm."),
    (r"(_x\.\d+)\.bn2\.", r"\1.body.1.norm."),
    (r"(_x\.\d+)\.bn3\.", r"\1.body.2.norm."),
    (r"\.downsample\.0\.", ".shortcut.conv."),
    (r"\.downsample\.1\.", ".shortcut.norm."),
)
TORCHVISION = (
    (r"^conv1\.", "conv1.conv."),
    (r"^bn1\.", "conv1.norm."),
    *UNITS,
    (r"^fc\.", "output."),
)


def stages(unit: Unit, counts: tuple[int, ...], *, small: bool) -> dict[str, LayerSpec]:
    """Build the table: conv1, conv2_x, ..., conv5_x; each stage except the first halves the maps."""
    table: dict[str, LayerSpec] = {**(SMALL_STEM if small else STEM)}
    for number, (width, count) in enumerate(zip(WIDTHS, counts, strict=True), 2):
        first = unit(width, stride=1 if number == 2 else 2)
        table[f"conv{number}_x"] = Stack([first, *[unit(width)] * (count - 1)])
    return table | {"pool": GlobalPool()}


def resnet(
    unit: Unit,
    counts: tuple[int, ...],
    *,
    num_classes: int,
    in_channels: int,
    input_size: tuple[int, int],
) -> nn.Module:
    """Build four stages of `counts` units."""
    table = stages(unit, counts, small=is_small(input_size))
    return network(table, num_classes=num_classes, in_channels=in_channels, input_size=input_size)


for _name, (_unit, _counts, _parameters) in VARIANTS.items():
    register_model(
        name=_name,
        input_size=(224, 224),
        num_classes=1000,
        in_channels=3,
        source="K. He et al., Deep Residual Learning for Image Recognition, CVPR 2016, arXiv:1512.03385",
        parameters=_parameters,
        reference=f"torchvision.models.{_name}",
        namings={"torchvision and timm": TORCHVISION},
        **IMAGENET,
    )(partial(resnet, _unit, _counts))
