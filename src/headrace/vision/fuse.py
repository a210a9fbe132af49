"""A network put together for inference on a CPU: fewer passes over its maps."""

from __future__ import annotations

from collections import OrderedDict
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from torch.nn.utils.fusion import fuse_conv_bn_eval

from headrace.errors import UsageError
from headrace.vision.layers import Conv2d, Residual, SeparableConv2d

__all__ = ["fused"]


def fused(model: nn.Module) -> nn.Module:
    """A copy of a network for inference on a CPU, in evaluation, with the same answers in less time.

    A batch normalisation becomes part of the weights before it, and a convolution adds the shortcut and
    applies the ReLU behind it before it writes its maps. Weights are put into channels-last memory order.
    What is none of our units (see `headrace.vision.layers`) is copied as it is.

    With memory kept from batch to batch (`with headrace.training.reuse_freed_memory():`) it is faster again.

    The copy's results agree with the model's up to rounding. From its first batch on it holds weights of
    convolutions twice, the second time as oneDNN wants them. It is not to be trained or given other weights:
    fuse the model again. Nor is it to be exported: ONNX Runtime fuses the model itself on its own.

    Args:
        model: A network of the zoo, or any module that holds our units.

    Returns:
        From the same inputs to the same outputs.

    Raises:
        UsageError: The model is not on the CPU.

    Example:
        >>> from headrace.vision import create_model
        >>> model = create_model("resnet18", num_classes=10, input_size=(32, 32)).eval()
        >>> images = torch.rand(2, 3, 32, 32)
        >>> with torch.inference_mode():
        ...     torch.allclose(fused(model)(images), model(images), atol=1e-4)
        True
    """
    for each in model.parameters():
        if each.device.type != "cpu":
            raise UsageError(f"the model is on {each.device}", hint="give model.cpu()")
    copy = _fused(deepcopy(model).eval().requires_grad_(requires_grad=False))
    return copy.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


class FusedConv(nn.Module):
    """A convolution, a sum if there is something to add, and a ReLU, in one pass.

    Args:
        conv: The convolution, which becomes part of it.
        norm: What comes behind it.
        rectify: Whether a ReLU does.
    """

    def __init__(self, conv: Conv2d, norm: nn.BatchNorm2d | None, *, rectify: bool) -> None:
        super().__init__()
        self.conv = conv if norm is None else fuse_conv_bn_eval(conv, norm)
        self.rectify = rectify
        self._one_pass = torch.backends.mkldnn.is_available()
        self._packed: Tensor | None = None  # the weights as oneDNN wants them

    def forward(self, maps: Tensor, added: Tensor | None = None) -> Tensor:
        """Maps to maps, as `Conv2d`."""
        conv = self.conv
        maps, padding = conv.padded(maps)
        if not self._one_pass or maps.dtype == torch.float64:  # which oneDNN has not
            maps = F.conv2d(maps, conv.weight, conv.bias, conv.stride, padding, conv.dilation, conv.groups)
            maps = maps if added is None else maps + added
            return F.relu_(maps) if self.rectify else maps
        onednn = torch.ops.mkldnn  # what torch.compile makes of it, too
        place = (padding, conv.stride, conv.dilation, conv.groups)
        if self._packed is None or self._packed.dtype != maps.dtype:
            self._packed = onednn._reorder_convolution_weight(conv.weight, *place, list(maps.shape))
        given = (self._packed, conv.bias, *place)
        if added is None:
            return onednn._convolution_pointwise(maps, *given, "relu" if self.rectify else "none", [], "")
        activation = "relu" if self.rectify else None
        return onednn._convolution_pointwise.binary(maps, added, *given, "add", 1.0, activation, [], "")

    def __getstate__(self) -> dict[str, object]:
        """Without the packed weights, which cannot be copied, and are packed again."""
        return {**self.__dict__, "_packed": None}


class FusedResidual(nn.Module):
    """A `Residual` whose body ends in a convolution, which adds the shortcut."""

    def __init__(self, body: nn.Module, last: FusedConv, shortcut: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut
        self.last = last

    def forward(self, maps: Tensor) -> Tensor:
        """Maps to maps."""
        inner = self.body(maps)
        return self.last(inner, self.shortcut(maps))


def _fused(module: nn.Module) -> nn.Module:
    for name, child in module.named_children():
        setattr(module, name, _fused(child))
    if isinstance(module, nn.Sequential):
        return _fused_unit(module)
    return _fused_residual(module) if isinstance(module, Residual) else module


def _fused_unit(unit: nn.Sequential) -> nn.Module:
    """A unit of `conv`, and `norm` and `activation` if it has them; anything else is left as it is."""
    parts = dict(unit.named_children())
    conv, norm, activation = (parts.pop(name, None) for name in ("conv", "norm", "activation"))
    rectify = isinstance(activation, nn.ReLU)
    if parts or not (rectify or activation is None) or not isinstance(norm, nn.BatchNorm2d | None):
        return unit
    if isinstance(conv, SeparableConv2d):
        depthwise, pointwise = conv
        assert isinstance(depthwise, Conv2d)
        assert isinstance(pointwise, Conv2d)
        first, last = FusedConv(depthwise, None, rectify=False), FusedConv(pointwise, norm, rectify=rectify)
        return nn.Sequential(OrderedDict(depthwise=first, pointwise=last))
    return FusedConv(conv, norm, rectify=rectify) if isinstance(conv, Conv2d) else unit


def _fused_residual(unit: Residual) -> nn.Module:
    rectify = isinstance(unit.activation, nn.ReLU)
    holder, last = unit, unit.body
    name = "body"
    while isinstance(last, nn.Sequential) and len(last):
        holder, (name, last) = last, list(last.named_children())[-1]
    if unit.scale != 1.0 or not isinstance(last, FusedConv) or last.rectify:
        return unit
    if not (rectify or isinstance(unit.activation, nn.Identity)):
        return unit
    setattr(holder, name, nn.Identity())
    last.rectify = rectify
    return FusedResidual(unit.body, last, unit.shortcut)
