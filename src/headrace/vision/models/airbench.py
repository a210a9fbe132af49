"""The networks of airbench, which reach 94% and 95% on CIFAR-10 in about ten and fifteen epochs."""

from __future__ import annotations

from torch import Tensor, nn

from headrace.vision.layers import Conv, ConvNorm, Flatten, MaxPool, Stack, network
from headrace.vision.models.registry import register_model

__all__ = ["airbench94", "airbench95"]

SOURCE = "K. Jordan, 94% on CIFAR-10 in 3.29 Seconds on a Single GPU, 2024, arXiv:2404.00498"
PATCH = 2  # pixels along a side of the patches that the first layer sees
SCALE = 1 / 9  # of the logits


def _block(width: int) -> Stack:
    """Two 3x3 convolutions; the first halves the maps by a pool before its batch normalisation."""
    pooled, plain = (
        ConvNorm(width, 3, activation=nn.GELU, pool=pool, momentum=0.4, scale=False) for pool in (2, None)
    )
    return Stack({"conv1": pooled, "conv2": plain})


def _build(
    widths: tuple[int, int, int], num_classes: int, in_channels: int, input_size: tuple[int, int]
) -> nn.Module:
    sides = [(side - PATCH + 1) >> len(widths) for side in input_size]
    stages = {
        "whiten": Conv(2 * PATCH * PATCH * in_channels, PATCH, padding="VALID", activation=nn.GELU),
        **{f"block{number}": _block(width) for number, width in enumerate(widths, 1)},
        "pool": MaxPool((max(1, sides[0]), max(1, sides[1]))),
        "flat": Flatten(),
    }
    layers = network(stages, num_classes=num_classes, in_channels=in_channels, input_size=input_size)
    layers.add_module("scale", Scale(SCALE))
    for layer in layers.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.reset_parameters()
        if isinstance(layer, nn.Conv2d) and layer.bias is None:
            nn.init.dirac_(layer.weight[: layer.in_channels])
    return layers


@register_model(
    input_size=(32, 32),
    in_channels=3,
    source=SOURCE,
    parameters=1_971_650,
    reference="counted by hand",
)
def airbench94(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """A 2x2 convolution for whitening, then three blocks of two convolutions; no shortcuts.

    The first layer has two filters for each direction of its patches, one of each sign:
    `hr.vision.whiten_first_layer` sets them from images. Convolutions start as the identity on their first
    maps, batch norms have no scales, and logits are divided by 9.
    """
    return _build((64, 256, 256), num_classes, in_channels, input_size)


@register_model(
    input_size=(32, 32),
    in_channels=3,
    source=SOURCE,
    parameters=4_604_738,
    reference="counted by hand",
)
def airbench95(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """`airbench94` with wider blocks, of 128, 384 and 384 maps."""
    return _build((128, 384, 384), num_classes, in_channels, input_size)


class Scale(nn.Module):
    """Multiplies by a constant.

    Args:
        factor: The constant.
    """

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, logits: Tensor) -> Tensor:
        """Scale a float tensor of any shape."""
        return logits * self.factor

    def extra_repr(self) -> str:
        """Represent the factor."""
        return f"{self.factor:g}"
