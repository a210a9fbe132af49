"""A squeeze-and-excitation ResNet for images of 28 to 64 pixels, small enough to train on a CPU."""

from __future__ import annotations

from torch import nn

from headrace.vision.layers import Column, ConvNorm, GlobalPool, ResidualUnit, network
from headrace.vision.models.registry import register_model

__all__ = ["small_se_resnet"]

WIDTHS = (64, 128, 256)  # of one unit each, which halves the image
REDUCTION = 8
STAGES = {
    "conv1": ConvNorm(32, 3),
    **{
        f"conv{number}_x": Column([ResidualUnit(width, 2, REDUCTION)])
        for number, width in enumerate(WIDTHS, 2)
    },
    "pool": GlobalPool(),
}


@register_model(
    input_size=(32, 32),
    in_channels=3,
    source="Headrace's own sizing of J. Hu et al., Squeeze-and-Excitation Networks, CVPR 2018, "
    "arXiv:1709.01507, in three stages as K. He et al., arXiv:1512.03385, section 4.2",
    parameters=1_232_418,
    reference="counted by hand",
)
def small_se_resnet(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """A 3x3 convolution and three residual units, weighed, at a half, a quarter and an eighth of the size."""
    return network(STAGES, num_classes=num_classes, in_channels=in_channels, input_size=input_size)
