"""Convolutions with TensorFlow's padding, separable convolutions, units with norm and activation."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from headrace.arguments import check_flag, check_integer, check_number
from headrace.errors import UsageError
from headrace.vision.layers.activation import Activation, build_activation, relu
from headrace.vision.layers.padding import (
    Padding,
    Pair,
    count_positions,
    margins,
    pair,
    parse_padding,
    window_sides,
)
from headrace.vision.layers.pooling import MaxPool2d
from headrace.vision.layers.spec import Shape

__all__ = ["Conv", "Conv2d", "ConvNorm", "SeparableConv2d", "SeparableNorm"]


class Conv2d(nn.Conv2d):
    """`nn.Conv2d` with TensorFlow's padding, for any stride and dilation.

    float [N, in_channels, H, W] to [N, out_channels, H', W']; H' is ceil(H / stride) for "SAME" and
    ceil((H - dilation * (kernel - 1)) / stride) for "VALID".

    Args:
        in_channels: Number of input maps.
        out_channels: Number of output maps.
        kernel_size: One number, or (height, width).
        stride: One number, or (height, width).
        padding: "SAME", "VALID", or pixels: one number, or (height, width); see `Padding`.
        dilation: One number, or (height, width).
        groups: Number of groups of maps that are convolved separately.
        bias: Whether to add a bias to each map.

    Raises:
        UsageError: A size is not an integer above 0, `padding` is unknown, or `groups` does not divide both
            numbers of maps.

    Example:
        >>> Conv2d(1, 8, 6, stride=5)(torch.zeros(1, 1, 13, 13)).shape
        torch.Size([1, 8, 3, 3])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        *,
        stride: Pair = 1,
        padding: Padding = "SAME",
        dilation: Pair = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        in_channels, out_channels, groups = (
            check_integer(value, name, 1)
            for value, name in (
                (in_channels, "in_channels"),
                (out_channels, "out_channels"),
                (groups, "groups"),
            )
        )
        if in_channels % groups or out_channels % groups:
            what = f"groups: {groups} does not divide {in_channels} input maps and {out_channels} output maps"
            raise UsageError(what, hint="pass a number that divides both")
        super().__init__(
            in_channels,
            out_channels,
            pair(kernel_size, "kernel_size"),
            pair(stride, "stride"),
            0,
            pair(dilation, "dilation"),
            groups,
            check_flag(bias, "bias"),
        )
        self.edges: Padding = parse_padding(padding)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002
        """Convolve maps."""
        maps, padding = self.pad(input)
        return F.conv2d(maps, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def pad(self, maps: Tensor) -> tuple[Tensor, tuple[int, int]]:
        """Pad maps whose opposite margins differ; return them and the (height, width) padding left to do."""
        sides = self._sides(maps.shape[-2:])
        (top, bottom), (left, right) = (margins(*side) for side in sides)
        if (top, left) == (bottom, right):
            return maps, (top, left)
        return F.pad(maps, (left, right, top, bottom)), (0, 0)

    def output_shape(self, shape: Shape) -> Shape:
        """Return the output shape for an input shape; a side below 1 means that the input is too small."""
        height, width = (count_positions(*side) for side in self._sides(shape[1:]))
        return self.out_channels, height, width

    def _sides(self, size: Sequence[int]) -> Iterator[tuple[int, int, int, int, str | int]]:
        kernel, stride, dilation = (
            (each[0], each[1]) for each in (self.kernel_size, self.stride, self.dilation)
        )
        return window_sides(size, kernel, stride, dilation, self.edges)

    def extra_repr(self) -> str:
        """Extend the representation of `nn.Conv2d` by the padding."""
        return f"{super().extra_repr()}, edges={self.edges!r}"


class SeparableConv2d(nn.Sequential):
    """A spatial filter for every map, then a 1x1 convolution across maps; Keras's `SeparableConv2D`.

    float [N, in_channels, H, W] to [N, out_channels, H', W'], as `Conv2d`.

    Args:
        in_channels: Number of input maps.
        out_channels: Number of output maps.
        kernel_size: Size of the spatial filters.
        stride: Stride of the spatial filters.
        padding: "SAME", "VALID", or pixels; see `Padding`.
        dilation: Dilation of the spatial filters.
        depth_multiplier: Number of spatial filters per map.
        bias: Whether the 1x1 convolution has biases.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        *,
        stride: Pair = 1,
        padding: Padding = "SAME",
        dilation: Pair = 1,
        depth_multiplier: int = 1,
        bias: bool = True,
    ) -> None:
        in_channels = check_integer(in_channels, "in_channels", 1)
        filters = in_channels * check_integer(depth_multiplier, "depth_multiplier", 1)
        depthwise = Conv2d(
            in_channels,
            filters,
            kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=in_channels,
            bias=False,
        )
        pointwise = Conv2d(filters, out_channels, 1, bias=bias)
        super().__init__(OrderedDict(depthwise=depthwise, pointwise=pointwise))

    def output_shape(self, shape: Shape) -> Shape:
        """See `Conv2d.output_shape`."""
        depthwise, pointwise = self
        assert isinstance(depthwise, Conv2d)
        assert isinstance(pointwise, Conv2d)
        return pointwise.output_shape(depthwise.output_shape(shape))


def _unit(
    convolution: nn.Module, norm: nn.Module | None, activation: Activation, pool: nn.Module | None = None
) -> nn.Sequential:
    layers = OrderedDict(conv=convolution)
    if pool is not None:
        layers["pool"] = pool
    if norm is not None:
        layers["norm"] = norm
    built = build_activation(activation)
    if built is not None:
        layers["activation"] = built
    return nn.Sequential(layers)


@dataclass(frozen=True)
class Conv:
    """Spec of a convolution with biases and its activation: `conv`, `activation`."""

    width: int
    kernel: Pair
    stride: Pair = 1
    padding: Padding = "SAME"
    activation: Activation = relu

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        layer = Conv2d(shape[0], self.width, self.kernel, stride=self.stride, padding=self.padding)
        return _unit(layer, None, self.activation), layer.output_shape(shape)


@dataclass(frozen=True)
class ConvNorm:
    """Spec of a convolution without biases, batch normalisation and activation: `conv`, `norm`, `activation`.

    S. Ioffe, C. Szegedy, Batch Normalization, ICML 2015, arXiv:1502.03167. `pool` is the size of a max pool
    between the convolution and the norm; `momentum` the weight of a batch in the running statistics. Without
    `scale`, the norm trains biases only.
    """

    width: int
    kernel: Pair
    stride: Pair = 1
    padding: Padding = "SAME"
    activation: Activation = relu
    groups: int = 1
    epsilon: float = 1e-5
    bias: bool = False
    pool: Pair | None = None
    momentum: float = 0.1
    scale: bool = True

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        layer = Conv2d(
            shape[0],
            self.width,
            self.kernel,
            stride=self.stride,
            padding=self.padding,
            groups=self.groups,
            bias=self.bias,
        )
        norm = nn.BatchNorm2d(
            layer.out_channels,
            check_number(self.epsilon, "epsilon", least=0),
            check_number(self.momentum, "momentum", least=0, most=1),
        )
        if not check_flag(self.scale, "scale"):
            norm.register_parameter("weight", None)
        after = layer.output_shape(shape)
        pool = None if self.pool is None else MaxPool2d(self.pool)
        return _unit(layer, norm, self.activation, pool), after if pool is None else pool.output_shape(after)


@dataclass(frozen=True)
class SeparableNorm:
    """Spec of a separable convolution without biases, batch normalisation and activation, like `ConvNorm`."""

    width: int
    kernel: Pair
    stride: Pair = 1
    padding: Padding = "SAME"
    activation: Activation = relu

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        layer = SeparableConv2d(
            shape[0], self.width, self.kernel, stride=self.stride, padding=self.padding, bias=False
        )
        after = layer.output_shape(shape)
        return _unit(layer, nn.BatchNorm2d(after[0]), self.activation), after
