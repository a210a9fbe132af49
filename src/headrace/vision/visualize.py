"""Visualization of networks: filters, feature maps, saliency and Grad-CAM."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from headrace.errors import ModelError, UsageError
from headrace.vision.temporary_mode import temporary_mode

__all__ = ["feature_maps", "filters", "grad_cam", "line_filters", "saliency"]


def line_filters(size: int = 7, channels: int = 3) -> nn.Conv2d:
    """Create a convolution of two filters, a vertical and a horizontal line, white on black in each channel.

    The output keeps the height and width of the image. The first map shows the vertical lines of a
    photograph, the second map the horizontal lines.

    Args:
        size: Height and width of the filters, an odd number.
        channels: Number of channels of the image.

    Raises:
        UsageError: `size` is not a positive odd number.

    Example:
        >>> line_filters()(torch.rand(2, 3, 40, 60)).shape
        torch.Size([2, 2, 40, 60])
    """
    if size < 1 or size % 2 == 0:
        raise UsageError(f"expected an odd filter size, got {size}", hint="pass 3, 5, 7, ...")
    convolution = nn.Conv2d(channels, 2, size, padding=size // 2, bias=False)
    with torch.no_grad():
        convolution.weight.zero_()
        convolution.weight[0, :, :, size // 2] = 1
        convolution.weight[1, :, size // 2, :] = 1
    return convolution


def filters(model: nn.Module, layer: str | None = None) -> Tensor:
    """Return a copy of a convolution's filters.

    Args:
        model: The model, which is not changed.
        layer: The convolution's path in the model; None for the first convolution, whose filters have the
            channels of the image.

    Returns:
        A tensor [maps, channels, height, width].

    Raises:
        UsageError: The layer does not exist or is not a convolution.
    """
    if layer is not None:
        found = _layer(model, layer)
    else:
        found = next((each for each in model.modules() if isinstance(each, nn.Conv2d)), None)
    if not isinstance(found, nn.Conv2d):
        what = "the model has no convolution" if layer is None else f"layer '{layer}' is not a convolution"
        raise UsageError(what, hint="name an nn.Conv2d")
    return found.weight.detach().clone()


def feature_maps(model: nn.Module, images: Tensor, layers: Sequence[str] | None = None) -> dict[str, Tensor]:
    """Compute the feature maps of layers.

    Args:
        model: The model, called in evaluation mode and not changed.
        images: The model's input, [N, channels, height, width].
        layers: Paths of layers in the model; None for all layers whose output is maps.

    Returns:
        Maps [N, maps, height, width] by the layer's path, in the order of the calls.

    Raises:
        UsageError: A layer does not exist, or its output is not maps.
    """
    for name in layers or ():
        _layer(model, name)
    found: dict[str, Tensor] = {}

    def keep(name: str, output: Any) -> None:
        if _is_maps(output):
            found[name] = output.detach().clone()

    with torch.no_grad(), _capture_outputs(model, keep, layers):
        model(images)
    if missing := [name for name in layers or () if name not in found]:
        raise UsageError(f"the output of layer '{missing[0]}' is not maps", hint=_list_layers(model))
    return found


def saliency(model: nn.Module, images: Tensor, classes: Tensor | None = None) -> Tensor:
    """Compute the influence of each pixel on a class's logit: the largest absolute gradient over channels.

    K. Simonyan et al., Deep Inside Convolutional Networks, 2013, arXiv:1312.6034.

    Args:
        model: A classifier with logits [N, classes], called in evaluation mode and not changed.
        images: float [N, channels, height, width].
        classes: A class per image, int64 [N]; None for the most likely class of each image.

    Returns:
        A tensor [N, height, width] of non-negative values.

    Raises:
        ModelError: The model's output is not logits.
    """
    pixels = images.detach().clone().requires_grad_()
    with torch.enable_grad(), _capture_outputs(model, None):
        score = _score(model(pixels), classes)
        (gradient,) = torch.autograd.grad(score, pixels)
    return gradient.abs().amax(dim=1)


def grad_cam(
    model: nn.Module, images: Tensor, classes: Tensor | None = None, layer: str | None = None
) -> Tensor:
    """Locate the evidence for a class: the ReLU of the last maps, each weighted by its mean gradient.

    R. R. Selvaraju et al., Grad-CAM, ICCV 2017, arXiv:1610.02391.

    Args:
        model: A classifier with logits [N, classes], called in evaluation mode and not changed.
        images: float [N, channels, height, width].
        classes: A class per image, int64 [N]; None for the most likely class of each image.
        layer: Path of the layer whose maps are weighted; None for the last maps of the last convolution's
            size.

    Returns:
        A tensor [N, height, width] of the images' size, from 0 to 1, the maximum of each image.

    Raises:
        ModelError: The model's output is not logits.
        UsageError: The layer does not exist, or its output is not maps.
    """
    maps: dict[str, Tensor] = {}

    def keep(name: str, output: Any) -> None:
        if _is_maps(output):
            maps[name] = output

    if layer is not None:
        _layer(model, layer)
    with torch.enable_grad(), _capture_outputs(model, keep):
        score = _score(model(images.detach().clone().requires_grad_()), classes)
        chosen = maps.get(layer) if layer is not None else _last_maps(model, maps)
        if chosen is None:
            raise UsageError(f"the output of layer '{layer}' is not maps", hint=_list_layers(model))
        (gradient,) = torch.autograd.grad(score, chosen)
    evidence = (gradient.mean(dim=(2, 3), keepdim=True) * chosen.detach()).sum(dim=1, keepdim=True).relu()
    evidence = interpolate(evidence, images.shape[2:], mode="bilinear")[:, 0]
    most = evidence.amax(dim=(1, 2), keepdim=True)
    return evidence / most.clamp(min=torch.finfo(evidence.dtype).tiny)


def _last_maps(model: nn.Module, maps: dict[str, Tensor]) -> Tensor:
    """Return the last maps of the last convolution's size: those after its norm, shortcut and ReLU."""
    convolutions = [name for name, each in model.named_modules() if isinstance(each, nn.Conv2d)]
    last = next((maps[name] for name in reversed(maps) if name in convolutions), None)
    if last is None:
        raise UsageError("the model has no convolution", hint="name a layer whose output is maps")
    return next(each for each in reversed(maps.values()) if each.shape[2:] == last.shape[2:])


def _score(logits: Any, classes: Tensor | None) -> Tensor:
    if not (isinstance(logits, Tensor) and logits.ndim == 2):
        got = f"{list(logits.shape)}" if isinstance(logits, Tensor) else type(logits).__name__
        raise ModelError(f"expected logits [N, classes], got {got}", hint="pass a classifier")
    chosen = logits.argmax(dim=1) if classes is None else classes
    return logits.gather(1, chosen[:, None]).sum()


def _is_maps(output: Any) -> bool:
    return isinstance(output, Tensor) and output.ndim == 4


def _layer(model: nn.Module, name: str) -> nn.Module:
    try:
        return model.get_submodule(name)
    except AttributeError:
        raise UsageError(f"the model has no layer '{name}'", hint=_list_layers(model)) from None


def _list_layers(model: nn.Module) -> str:
    names = [name for name, each in model.named_modules() if isinstance(each, nn.Conv2d)]
    return f"choose among {', '.join(names[:8])}" + (", ..." if len(names) > 8 else "")


@contextmanager
def _capture_outputs(
    model: nn.Module, capture: Callable[[str, Any], None] | None, layers: Sequence[str] | None = None
) -> Generator[None]:
    """Put the model into evaluation mode inside a `with` block and pass each layer's output to `capture`."""

    def hook(name: str) -> Callable[[nn.Module, Any, Any], None]:
        return lambda _layer, _inputs, output: None if capture is None else capture(name, output)

    with temporary_mode(model, training=False) as hooks:
        for name, layer in model.named_modules():
            if layers is None or name in layers:
                hooks.append(layer.register_forward_hook(hook(name)))
        yield
