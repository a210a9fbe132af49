"""Squeeze-and-excitation: attention over maps."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from torch import Tensor, nn

from headrace.arguments import check_integer
from headrace.errors import UsageError
from headrace.vision.layers.activation import relu
from headrace.vision.layers.spec import Shape

__all__ = ["Squeeze", "SqueezeExcite"]


class SqueezeExcite(nn.Module):
    """Scales each map by a factor between 0 and 1 that is computed from the means of all maps.

    float [N, channels, H, W] to the same shape. J. Hu et al., Squeeze-and-Excitation Networks, CVPR 2018,
    arXiv:1709.01507.

    Args:
        channels: Number of maps.
        reduction: Reduction ratio, at most `channels`; the bottleneck has `channels // reduction` features.

    Raises:
        UsageError: The bottleneck would have no features.
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        channels, reduction = check_integer(channels, "channels", 1), check_integer(reduction, "reduction", 1)
        squeezed = channels // reduction
        if not squeezed:
            what = f"a reduction of {reduction} squeezes {channels} maps to 0 features"
            raise UsageError(what, hint=f"pass a reduction of at most {channels}")
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
