"""Layer fusion for inference on a CPU: fewer passes over the feature maps."""

from __future__ import annotations

from collections import OrderedDict
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from torch.nn.utils.fusion import fuse_conv_bn_eval

from headrace.errors import UsageError
from headrace.nn import check_model
from headrace.vision.layers import Conv2d, Residual, SeparableConv2d
from headrace.vision.layers.residual import check_shapes

__all__ = ["fuse"]


def fuse(model: nn.Module) -> nn.Module:
    """Copy a network and fuse its layers for faster inference on a CPU.

    Batch normalisation is folded into the weights of the preceding convolution, and the convolution adds the
    shortcut and applies the ReLU that follow it in the same pass. Weights are stored in channels-last memory
    order. Layers other than the units of `headrace.vision.layers` are copied unchanged.

    Reusing freed memory between batches (`with headrace.training.reuse_freed_memory():`) makes inference
    faster still.

    The copy's outputs equal the model's up to rounding. From the first batch on, the copy holds the weights
    of each convolution twice, the second time in oneDNN's layout. Where gradients are computed, in float16
    and float64, and while the copy is traced or exported, convolution, sum and ReLU are separate operations.
    Do not train the copy: its batch normalisations are gone.

    Args:
        model: A registered model, or any module that contains units of `headrace.vision.layers`.

    Returns:
        A module in evaluation mode, with the inputs and outputs of the model.

    Raises:
        UsageError: The model is not a module, or not on the CPU.

    Example:
        >>> from headrace.vision import create_model
        >>> model = create_model("resnet18", num_classes=10, input_size=(32, 32)).eval()
        >>> images = torch.rand(2, 3, 32, 32)
        >>> with torch.inference_mode():
        ...     torch.allclose(fuse(model)(images), model(images), atol=1e-4)
        True
    """
    check_model(model)
    for each in model.parameters():
        if each.device.type != "cpu":
            raise UsageError(
                f"expected a model on the CPU, got one on {each.device}", hint="pass model.cpu()"
            )
    copy = _fuse_children(deepcopy(model).eval().requires_grad_(requires_grad=False))
    return copy.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


class FusedConv(nn.Module):
    """A convolution, an optional sum and an optional ReLU, computed in one pass.

    Args:
        conv: The convolution.
        norm: The batch normalisation that follows it; None for none.
        rectify: Whether a ReLU follows.
    """

    def __init__(self, conv: Conv2d, norm: nn.BatchNorm2d | None, *, rectify: bool) -> None:
        super().__init__()
        self.conv = conv if norm is None else _fold(conv, norm)
        self.rectify = rectify
        self._has_onednn = torch.backends.mkldnn.is_available()
        self._packed: Tensor | None = None  # the weights in oneDNN's layout
        self._packed_key: tuple[object, ...] = ()

    def forward(self, maps: Tensor, added: Tensor | None = None) -> Tensor:
        """Convolve maps as `Conv2d` does; `added` is summed to the result before the ReLU."""
        conv = self.conv
        maps, padding = conv.pad(maps)
        if not self._is_one_pass(maps):
            maps = F.conv2d(maps, conv.weight, conv.bias, conv.stride, padding, conv.dilation, conv.groups)
            maps = maps if added is None else maps + added
            return F.relu_(maps) if self.rectify else maps
        onednn = torch.ops.mkldnn  # the ops that torch.compile emits, too
        geometry = (padding, conv.stride, conv.dilation, conv.groups)
        arguments = (self._pack(geometry, maps), conv.bias, *geometry)
        if added is None:
            return onednn._convolution_pointwise(maps, *arguments, "relu" if self.rectify else "none", [], "")
        activation = "relu" if self.rectify else None
        return onednn._convolution_pointwise.binary(maps, added, *arguments, "add", 1.0, activation, [], "")

    def _is_one_pass(self, maps: Tensor) -> bool:
        """Return whether oneDNN has the operation for these maps; it has no gradients and no meta tensors."""
        weight = self.conv.weight
        return (
            self._has_onednn
            and maps.is_cpu
            and maps.ndim == 4
            and maps.dtype == weight.dtype
            and maps.dtype in (torch.float32, torch.bfloat16)
            and not (torch.is_grad_enabled() and (maps.requires_grad or weight.requires_grad))
            and not torch.compiler.is_compiling()
        )

    def _pack(self, geometry: tuple[Any, ...], maps: Tensor) -> Tensor:
        """Return the weights in oneDNN's layout; they are packed again when they change."""
        weight = self.conv.weight
        version = None if weight.is_inference() else weight._version
        key = (weight.data_ptr(), version, weight.dtype)
        packed = self._packed
        if packed is None or key != self._packed_key:
            reorder = torch.ops.mkldnn._reorder_convolution_weight
            packed = reorder(weight, *geometry, list(maps.shape))
            self._packed, self._packed_key = packed, key
        return packed

    def __getstate__(self) -> dict[str, object]:
        """Drop the packed weights, which cannot be copied; the copy packs its own."""
        return {**self.__dict__, "_packed": None, "_packed_key": ()}


class FusedResidual(nn.Module):
    """A `Residual` whose last convolution adds the shortcut."""

    def __init__(self, body: nn.Module, last: FusedConv, shortcut: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut
        self.last = last

    def forward(self, maps: Tensor) -> Tensor:
        """Compute maps from maps, as `Residual` does."""
        inner, shortcut = self.body(maps), self.shortcut(maps)
        height, width = inner.shape[-2:]
        check_shapes(
            self.last.conv.output_shape((inner.shape[-3], height, width)), tuple(shortcut.shape[-3:])
        )
        return self.last(inner, shortcut)


def _fold(conv: Conv2d, norm: nn.BatchNorm2d) -> Conv2d:
    """Fold a batch normalisation into a copy of a convolution, in float32 or more, for float16's sake."""
    dtype = conv.weight.dtype
    wide = torch.promote_types(dtype, torch.float32)
    return fuse_conv_bn_eval(deepcopy(conv).to(wide), deepcopy(norm).to(wide)).to(dtype)


def _fuse_children(module: nn.Module) -> nn.Module:
    for name, child in module.named_children():
        setattr(module, name, _fuse_children(child))
    if isinstance(module, nn.Sequential):
        return _fuse_unit(module)
    return _fuse_residual(module) if isinstance(module, Residual) else module


def _fuse_unit(unit: nn.Sequential) -> nn.Module:
    """Fuse a unit of `conv` and optional `norm` and `activation`; return any other module unchanged."""
    parts = dict(unit.named_children())
    conv, norm, activation = (parts.pop(name, None) for name in ("conv", "norm", "activation"))
    rectify = isinstance(activation, nn.ReLU)
    if parts or not (rectify or activation is None) or not isinstance(norm, nn.BatchNorm2d | None):
        return unit
    if norm is not None and norm.running_mean is None:  # it normalises by the statistics of each batch
        return unit
    if isinstance(conv, SeparableConv2d):
        depthwise, pointwise = conv
        assert isinstance(depthwise, Conv2d)
        assert isinstance(pointwise, Conv2d)
        first, last = FusedConv(depthwise, None, rectify=False), FusedConv(pointwise, norm, rectify=rectify)
        return nn.Sequential(OrderedDict(depthwise=first, pointwise=last))
    return FusedConv(conv, norm, rectify=rectify) if isinstance(conv, Conv2d) else unit


def _fuse_residual(unit: Residual) -> nn.Module:
    rectify = isinstance(unit.activation, nn.ReLU)
    parent, last = unit, unit.body
    name = "body"
    while isinstance(last, nn.Sequential) and len(last):
        parent, (name, last) = last, list(last.named_children())[-1]
    if unit.scale != 1.0 or not isinstance(last, FusedConv) or last.rectify:
        return unit
    if not (rectify or isinstance(unit.activation, nn.Identity)):
        return unit
    setattr(parent, name, nn.Identity())
    last.rectify = rectify
    return FusedResidual(unit.body, last, unit.shortcut)
