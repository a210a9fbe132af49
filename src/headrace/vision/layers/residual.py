"""Residual units: layers with a shortcut around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from headrace.arguments import check_number
from headrace.errors import UsageError
from headrace.vision.layers.activation import Activation, build_activation, relu
from headrace.vision.layers.convolution import ConvNorm
from headrace.vision.layers.spec import LayerSpec, Shape, build_stack, check_spec
from headrace.vision.layers.squeeze_excite import Squeeze

__all__ = ["BottleneckUnit", "Residual", "ResidualUnit", "Shortcut", "check_shapes"]


def check_shapes(body: tuple[int, ...], shortcut: tuple[int, ...]) -> None:
    """Check that both branches have outputs of one shape, which are then added without broadcasting.

    Raises:
        UsageError: The shapes differ.
    """
    if body != shortcut:
        raise UsageError(
            f"expected one output shape of body and shortcut, got {list(body)} and {list(shortcut)}",
            hint="project the input to the shape of the body's output",
        )


class Residual(nn.Module):
    """activation(shortcut(x) + scale * body(x)).

    K. He et al., Deep Residual Learning for Image Recognition, CVPR 2016, arXiv:1512.03385.

    Args:
        body: The residual branch.
        shortcut: Projects the input to the shape of the body's output; `nn.Identity()` if the shapes agree.
        scale: Factor of the body's output.
        activation: The activation after the sum; None for none.

    Raises:
        UsageError: `scale` is not a number; or, when called, the branches' outputs differ in shape.
    """

    def __init__(
        self, body: nn.Module, shortcut: nn.Module, *, scale: float = 1.0, activation: Activation = relu
    ) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut
        self.scale = check_number(scale, "scale")
        self.activation = build_activation(activation) or nn.Identity()

    def forward(self, maps: Tensor) -> Tensor:
        """Compute maps from maps."""
        residual = self.body(maps)
        if self.scale != 1.0:
            residual = residual * self.scale
        shortcut = self.shortcut(maps)
        check_shapes(tuple(residual.shape[1:]), tuple(shortcut.shape[1:]))
        return self.activation(shortcut + residual)

    def extra_repr(self) -> str:
        """Represent the scale."""
        return f"scale={self.scale}"


@dataclass(frozen=True)
class Shortcut:
    """Spec of `Residual` around `body`, with `projection` as the shortcut, or the identity.

    Both must have the same output shape.
    """

    body: Sequence[LayerSpec]
    projection: LayerSpec | None = None
    scale: float = 1.0
    activation: Activation = relu

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        body, after = build_stack(self.body, shape)
        if self.projection is not None:
            check_spec(self.projection, "projection")
        shortcut, projected = (
            (nn.Identity(), shape) if self.projection is None else self.projection.build(shape)
        )
        check_shapes(after, projected)
        return Residual(body, shortcut, scale=self.scale, activation=self.activation), after


@dataclass(frozen=True)
class ResidualUnit:
    """Spec of a residual unit of two 3x3 convolutions.

    `build` returns a `Residual`: [N, C, H, W] to [N, width, ceil(H / stride), ceil(W / stride)]. Where the
    shape changes, the shortcut is a 1x1 convolution with batch normalisation (option B of the paper).

    Attributes:
        width: Number of output maps.
        stride: Stride of the first convolution.
        reduction: Reduction of a `SqueezeExcite` before the sum; None for none.
    """

    width: int
    stride: int = 1
    reduction: int | None = None

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        body = (
            ConvNorm(self.width, 3, self.stride, padding=1),
            ConvNorm(self.width, 3, padding=1, activation=None),
        )
        return _add_shortcut(body, shape[0], self.width, self.stride, self.reduction).build(shape)


@dataclass(frozen=True)
class BottleneckUnit:
    """Spec of a bottleneck: a residual unit of 1x1, 3x3 and 1x1 convolutions, narrow in the middle.

    `build` returns a `Residual`: [N, C, H, W] to [N, 4 * width, ceil(H / stride), ceil(W / stride)].

    Attributes:
        width: Number of maps in the middle.
        stride: Stride of the 3x3 convolution, as in torchvision; of the first 1x1 convolution in the paper.
        reduction: Reduction of a `SqueezeExcite` before the sum; None for none.
    """

    width: int
    stride: int = 1
    reduction: int | None = None

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        body = (
            ConvNorm(self.width, 1),
            ConvNorm(self.width, 3, self.stride, padding=1),
            ConvNorm(4 * self.width, 1, activation=None),
        )
        return _add_shortcut(body, shape[0], 4 * self.width, self.stride, self.reduction).build(shape)


def _add_shortcut(
    body: Sequence[LayerSpec], in_channels: int, out_channels: int, stride: int, reduction: int | None
) -> Shortcut:
    squeeze = () if reduction is None else (Squeeze(reduction),)
    changes = stride != 1 or in_channels != out_channels
    projection = ConvNorm(out_channels, 1, stride, activation=None) if changes else None
    return Shortcut((*body, *squeeze), projection)
