"""GoogLeNet: Inception v1, as published, and with batch normalisation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from torch import nn

from headrace.vision.layers import (
    AvgPool,
    Conv,
    ConvNorm,
    Dense,
    Dropout,
    Flatten,
    GlobalPool,
    GridPool,
    Inception,
    LayerSpec,
    MaxPool,
    ResponseNorm,
    auxiliary_network,
    is_small,
    network,
)
from headrace.vision.models.registry import register_model
from headrace.vision.weights import HALF

__all__ = ["googlenet", "googlenet_auxiliary", "googlenet_bn", "googlenet_bn_auxiliary"]

SOURCE = "C. Szegedy et al., Going Deeper with Convolutions, CVPR 2015, arXiv:1409.4842"
BN_SOURCE = f"{SOURCE}; with batch normalisation as in torchvision, whose 5x5 kernels are 3x3"
AUXILIARY_WEIGHT = 0.3

# Table 1 of the paper: 1x1; 3x3 reduce, 3x3; 5x5 reduce, 5x5; pool projection.
MODULES = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}

Norm = partial(ConvNorm, epsilon=1e-3)

STEM = {
    "conv1": Conv(64, 7, 2, 3),
    "pool1": MaxPool(3, 2, "CEIL"),
    "norm1": ResponseNorm(),
    "conv2_reduce": Conv(64, 1),
    "conv2": Conv(192, 3),
    "norm2": ResponseNorm(),
    "pool2": MaxPool(3, 2, "CEIL"),
}
SMALL_STEM = {"conv1": Conv(64, 3), "norm1": ResponseNorm(), "conv2": Conv(192, 3), "norm2": ResponseNorm()}
BN_STEM = {
    "conv1": Norm(64, 7, 2, 3),
    "pool1": MaxPool(3, 2, "CEIL"),
    "conv2_reduce": Norm(64, 1),
    "conv2": Norm(192, 3),
    "pool2": MaxPool(3, 2, "CEIL"),
}
BN_SMALL_STEM = {"conv1": Norm(64, 3), "conv2": Norm(192, 3)}

TORCHVISION = (
    (r"^conv1\.", "conv1."),
    (r"^conv2\.", "conv2_reduce."),
    (r"^conv3\.", "conv2."),
    (r"^inception", ""),
    (r"\.branch1\.", ".1x1.0."),
    (r"\.branch2\.", ".3x3."),
    (r"\.branch3\.", ".5x5."),
    (r"\.branch4\.1\.", ".pool.1."),
    (r"\.bn\.", ".norm."),
    (r"^fc\.", "output."),
)
TORCHVISION_PLAIN = (*TORCHVISION, (r"^aux.*", ""))
TORCHVISION_AUXILIARY = (
    *TORCHVISION,
    (r"^aux1\.", "auxiliary.4a."),
    (r"^aux2\.", "auxiliary.4d."),
    (r"^(auxiliary\.\w+)\.fc1\.", r"\1.fc.linear."),
    (r"^(auxiliary\.\w+)\.fc2\.", r"\1.output."),
)
WITHOUT_HEADS = ((r"^auxiliary\..*", ""),)


def inception(widths: tuple[int, ...], conv: type[Conv] | partial[ConvNorm], kernel: int) -> Inception:
    """Build a row of table 1; `kernel` is the kernel size of the branch that is 5x5 in the paper."""
    one, reduce3, three, reduce5, five, pool = widths
    return Inception(
        {
            "1x1": [conv(one, 1)],
            "3x3": [conv(reduce3, 1), conv(three, 3)],
            "5x5": [conv(reduce5, 1), conv(five, kernel)],
            "pool": [MaxPool(3, 1, "SAME"), conv(pool, 1)],
        }
    )


def stages(stem: Mapping[str, LayerSpec], *, norm: bool) -> dict[str, LayerSpec]:
    """Build the table, from conv1 to the dropout before the output."""
    conv, kernel = (Norm, 3) if norm else (Conv, 5)
    modules = {name: inception(widths, conv, kernel) for name, widths in MODULES.items()}
    rows: dict[str, LayerSpec] = {**stem}
    for name, module in modules.items():
        rows[name] = module
        if name == "3b":
            rows["pool3"] = MaxPool(3, 2, "CEIL")
        if name == "4e":
            rows["pool4"] = MaxPool(2 if norm else 3, 2, "CEIL")
    return rows | {"pool5": GlobalPool(), "dropout": Dropout(0.2 if norm else 0.4)}


def heads(*, norm: bool) -> dict[str, dict[str, LayerSpec]]:
    """Build the auxiliary classifiers of 4a and 4d."""
    head: dict[str, LayerSpec] = {
        "pool": GridPool(4) if norm else AvgPool(5, 3),
        "conv": Norm(128, 1) if norm else Conv(128, 1),
        "flat": Flatten(),
        "fc": Dense(1024, dropout=0.7),
    }
    return {"4a": head, "4d": head}


@register_model(
    input_size=(224, 224),
    num_classes=1000,
    in_channels=3,
    source=SOURCE,
    parameters=6_998_552,
    reference="Caffe's bvlc_googlenet without its auxiliary heads; counted by hand, from table 1",
    namings={"headrace, with auxiliary heads": WITHOUT_HEADS},
)
def googlenet(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """Nine Inception modules and local response normalisation."""
    table = stages(SMALL_STEM if is_small(input_size) else STEM, norm=False)
    return network(table, num_classes=num_classes, in_channels=in_channels, input_size=input_size)


@register_model(
    input_size=(224, 224),
    num_classes=1000,
    in_channels=3,
    source=SOURCE,
    parameters=13_378_280,
    reference="Caffe's bvlc_googlenet with its auxiliary heads; counted by hand, from section 5 of the paper",
)
def googlenet_auxiliary(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """`googlenet` with its two auxiliary classifiers: an `AuxiliaryNetwork`."""
    table = stages(SMALL_STEM if is_small(input_size) else STEM, norm=False)
    return auxiliary_network(
        table,
        heads(norm=False),
        AUXILIARY_WEIGHT,
        num_classes=num_classes,
        in_channels=in_channels,
        input_size=input_size,
    )


@register_model(
    input_size=(224, 224),
    num_classes=1000,
    in_channels=3,
    source=BN_SOURCE,
    parameters=6_624_904,
    reference="torchvision.models.googlenet, aux_logits=False",
    namings={"torchvision": TORCHVISION_PLAIN, "headrace, with auxiliary heads": WITHOUT_HEADS},
    input_transform=True,
    **HALF,
)
def googlenet_bn(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """`googlenet` with batch normalisation instead of local response normalisation."""
    table = stages(BN_SMALL_STEM if is_small(input_size) else BN_STEM, norm=True)
    return network(table, num_classes=num_classes, in_channels=in_channels, input_size=input_size)


@register_model(
    input_size=(224, 224),
    num_classes=1000,
    in_channels=3,
    source=BN_SOURCE,
    parameters=13_004_888,
    reference="torchvision.models.googlenet",
    namings={"torchvision": TORCHVISION_AUXILIARY},
    input_transform=True,
    **HALF,
)
def googlenet_bn_auxiliary(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """`googlenet_bn` with its two auxiliary classifiers: an `AuxiliaryNetwork`."""
    table = stages(BN_SMALL_STEM if is_small(input_size) else BN_STEM, norm=True)
    return auxiliary_network(
        table,
        heads(norm=True),
        AUXILIARY_WEIGHT,
        num_classes=num_classes,
        in_channels=in_channels,
        input_size=input_size,
    )
