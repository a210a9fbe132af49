"""Attention to maps."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from torch import Tensor, nn

from headrace.vision.layers.activation import relu
from headrace.vision.layers.spec import Shape

__all__ = ["Squeeze", "SqueezeExcite"]


class SqueezeExcite(nn.Module):
    """Each map scaled by a number between 0 and 1 that depends on the means of all maps.

    float [N, channels, H, W] to the same shape. J. Hu et al., Squeeze-and-Excitation Networks, CVPR 2018,
    arXiv:1709.01507.

    Args:
        channels: Maps.
        reduction: The bottleneck has `channels // reduction` features.
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        squeezed = channels // reduction
        self.gate = nn.Sequential(
            OrderedDict(
                squeeze=nn.Linear(channels, squeezed),
                activation=relu(),
                excite=nn.Linear(squeezed, channels),
                sigmoid=nn.Sigmoid(),
            )
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Maps to scaled maps."""
        return maps * self.gate(maps.mean(dim=(2, 3)))[:, :, None, None]


@dataclass(frozen=True)
class Squeeze:
    """`SqueezeExcite` in a table of layers."""

    reduction: int = 16

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The layer, and the shape it gives."""
        return SqueezeExcite(shape[0], self.reduction), shape
