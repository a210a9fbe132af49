"""A squeeze-and-excitation ResNet for images of 28 to 64 pixels, small enough to train on a CPU."""

from __future__ import annotations

from torch import nn

from headrace.vision.layers import ConvNorm, GlobalPool, MaxPool, ResidualUnit, Stack, network
from headrace.vision.models.registry import register_model

__all__ = ["small_se_resnet"]

WIDTHS = (48, 96, 192)
REDUCTION = 8
STAGES = {
    "conv1": ConvNorm(24, 3),
    **{
        f"conv{number}_x": Stack([ConvNorm(width, 3), MaxPool(2), ResidualUnit(width, reduction=REDUCTION)])
        for number, width in enumerate(WIDTHS, 2)
    },
    "pool": GlobalPool(),
}


@register_model(
    input_size=(32, 32),
    in_channels=3,
    source="Headrace, with the units of J. Hu et al., Squeeze-and-Excitation Networks, CVPR 2018, "
    "arXiv:1709.01507",
    parameters=1_105_756,
    reference="counted by hand",
)
def small_se_resnet(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """A 3x3 convolution, then three stages of 3x3 convolution, 2x2 pool and squeeze-and-excitation unit.

    Each stage halves the maps by a pool after a convolution of stride 1: a convolution of stride 2 would
    compute only a quarter of the positions.
    """
    return network(STAGES, num_classes=num_classes, in_channels=in_channels, input_size=input_size)
