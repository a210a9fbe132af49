"""Squeeze-and-excitation: attention over maps."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from torch import Tensor, nn

from headrace.vision.layers.activation import relu
from headrace.vision.layers.spec import Shape

__all__ = ["Squeeze", "SqueezeExcite"]


class SqueezeExcite(nn.Module):
    """Scales each map by a factor between 0 and 1 that is computed from the means of all maps.

    float [N, channels, H, W] to the same shape. J. Hu et al., Squeeze-and-Excitation Networks, CVPR 2018,
    arXiv:1709.01507.

    Args:
        channels: Number of maps.
        reduction: Reduction ratio; the bottleneck has `channels // reduction` features.
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
        """Scale maps."""
        return maps * self.gate(maps.mean(dim=(2, 3)))[:, :, None, None]


@dataclass(frozen=True)
class Squeeze:
    """Spec of `SqueezeExcite`."""

    reduction: int = 16

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        return SqueezeExcite(shape[0], self.reduction), shape
