"""Residual units: what a few layers add to their input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from headrace.vision.layers.activation import Activation, relu
from headrace.vision.layers.convolution import ConvNorm
from headrace.vision.layers.spec import Plan, Shape, column
from headrace.vision.layers.squeeze_excite import Squeeze

__all__ = ["BottleneckUnit", "Residual", "ResidualUnit", "Shortcut"]


class Residual(nn.Module):
    """activation(shortcut(x) + scale * body(x)).

    K. He et al., Deep Residual Learning for Image Recognition, CVPR 2016, arXiv:1512.03385.

    Args:
        body: The layers.
        shortcut: Gives the input the shape of what the body gives; `nn.Identity()` where they agree.
        scale: Of what the body adds.
        activation: After the sum; None for none.
    """

    def __init__(
        self, body: nn.Module, shortcut: nn.Module, *, scale: float = 1.0, activation: Activation = relu
    ) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut
        self.scale = scale
        self.activation = nn.Identity() if activation is None else activation()

    def forward(self, maps: Tensor) -> Tensor:
        """Maps to maps."""
        added = self.body(maps)
        if self.scale != 1.0:
            added = added * self.scale
        return self.activation(self.shortcut(maps) + added)

    def extra_repr(self) -> str:
        """The scale."""
        return f"scale={self.scale}"


@dataclass(frozen=True)
class Shortcut:
    """`Residual` around `body`, with `projection` as the shortcut, or the input itself."""

    body: Sequence[Plan]
    projection: Plan | None = None
    scale: float = 1.0
    activation: Activation = relu

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The unit, and the shape it gives."""
        body, after = column(self.body, shape)
        shortcut = nn.Identity() if self.projection is None else self.projection.build(shape)[0]
        return Residual(body, shortcut, scale=self.scale, activation=self.activation), after


@dataclass(frozen=True)
class ResidualUnit:
    """Two 3x3 convolutions around which the input goes straight on.

    `build` gives a `Residual`: [N, C, H, W] to [N, width, ceil(H / stride), ceil(W / stride)]. Where the
    shape changes, the shortcut is a 1x1 convolution with batch normalisation (option B of the paper).

    Attributes:
        width: Maps that go out.
        stride: Of the first convolution.
        reduction: A `SqueezeExcite` of that reduction before the sum; None for none.
    """

    width: int
    stride: int = 1
    reduction: int | None = None

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The unit, and the shape it gives."""
        body = (
            ConvNorm(self.width, 3, self.stride, padding=1),
            ConvNorm(self.width, 3, padding=1, activation=None),
        )
        return _around(body, shape[0], self.width, self.stride, self.reduction).build(shape)


@dataclass(frozen=True)
class BottleneckUnit:
    """1x1, 3x3 and 1x1 convolutions, narrow in the middle, around which the input goes straight on.

    `build` gives a `Residual`: [N, C, H, W] to [N, 4 * width, ceil(H / stride), ceil(W / stride)].

    Attributes:
        width: Maps in the middle.
        stride: Of the 3x3 convolution, as in torchvision; the paper has it in the first 1x1 convolution.
        reduction: A `SqueezeExcite` of that reduction before the sum; None for none.
    """

    width: int
    stride: int = 1
    reduction: int | None = None

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The unit, and the shape it gives."""
        body = (
            ConvNorm(self.width, 1),
            ConvNorm(self.width, 3, self.stride, padding=1),
            ConvNorm(4 * self.width, 1, activation=None),
        )
        return _around(body, shape[0], 4 * self.width, self.stride, self.reduction).build(shape)


def _around(body: Sequence[Plan], into: int, out: int, stride: int, reduction: int | None) -> Shortcut:
    squeeze = () if reduction is None else (Squeeze(reduction),)
    changes = stride != 1 or into != out
    return Shortcut((*body, *squeeze), ConvNorm(out, 1, stride, activation=None) if changes else None)
