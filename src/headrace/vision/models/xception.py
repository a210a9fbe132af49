"""Xception: depthwise separable convolutions throughout."""

from __future__ import annotations

from torch import nn

from headrace.vision.layers import (
    Activate,
    ConvNorm,
    GlobalPool,
    LayerSpec,
    MaxPool,
    SeparableNorm,
    Shortcut,
    is_small,
    network,
)
from headrace.vision.models.registry import register_model
from headrace.vision.weights import HALF

__all__ = ["xception"]

STEM = {"conv1": ConvNorm(32, 3, 2, "VALID"), "conv2": ConvNorm(64, 3, 1, "VALID")}
SMALL_STEM = {"conv1": ConvNorm(32, 3), "conv2": ConvNorm(64, 3)}

TIMM = (
    (r"^(conv[12])\.", r"\1.conv."),
    (r"^(conv[34])\.conv1\.", r"\1.conv.depthwise."),
    (r"^(conv[34])\.pointwise\.", r"\1.conv.pointwise."),
    (r"^bn(\d)\.", r"conv\1.norm."),
    (r"\.skip\.", ".shortcut.conv."),
    (r"\.skipbn\.", ".shortcut.norm."),
    (r"^block1\.rep\.0\.", "block1.body.0.conv."),
    (r"^block1\.rep\.1\.", "block1.body.0.norm."),
    (r"^block1\.rep\.3\.", "block1.body.1.conv."),
    (r"^block1\.rep\.4\.", "block1.body.1.norm."),
    (r"\.rep\.1\.", ".body.1.conv."),
    (r"\.rep\.2\.", ".body.1.norm."),
    (r"\.rep\.4\.", ".body.2.conv."),
    (r"\.rep\.5\.", ".body.2.norm."),
    (r"\.rep\.7\.", ".body.3.conv."),
    (r"\.rep\.8\.", ".body.3.norm."),
    (r"\.body\.(\d)\.conv\.conv1\.", r".body.\1.conv.depthwise."),
    (r"^fc\.", "output."),
)


def block(first: int, second: int, *, activate: bool = True, stride: int = 2) -> Shortcut:
    """Build two separable convolutions, a pool if there is a stride, and a 1x1 convolution as shortcut."""
    body: list[LayerSpec] = [Activate()] if activate else []
    body += [SeparableNorm(first, 3), SeparableNorm(second, 3, activation=None)]
    if stride > 1:
        body.append(MaxPool(3, stride, 1))
    return Shortcut(body, ConvNorm(second, 1, stride, activation=None), activation=None)


MIDDLE = Shortcut(
    [Activate(), SeparableNorm(728, 3), SeparableNorm(728, 3), SeparableNorm(728, 3, activation=None)],
    activation=None,
)


def stages(*, small: bool) -> dict[str, LayerSpec]:
    """Build figure 5 of the paper: entry, middle and exit flow."""
    return {
        **(SMALL_STEM if small else STEM),
        "block1": block(128, 128, activate=False, stride=1 if small else 2),
        "block2": block(256, 256, stride=1 if small else 2),
        "block3": block(728, 728),
        **{f"block{number}": MIDDLE for number in range(4, 12)},
        "block12": block(728, 1024),
        "conv3": SeparableNorm(1536, 3),
        "conv4": SeparableNorm(2048, 3),
        "pool": GlobalPool(),
    }


@register_model(
    input_size=(299, 299),
    num_classes=1000,
    in_channels=3,
    source="F. Chollet, Xception, CVPR 2017, arXiv:1610.02357",
    parameters=22_855_952,
    reference="timm's legacy_xception, Keras's Xception",
    namings={"timm": TIMM},
    **HALF,
)
def xception(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """36 convolutions, all separable except the first two, with shortcuts around all except the last two."""
    table = stages(small=is_small(input_size))
    return network(table, num_classes=num_classes, in_channels=in_channels, input_size=input_size)
