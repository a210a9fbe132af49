"""Seeing inside: how filters look, what layers make of an image, and which pixels an answer hangs on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from headrace.errors import ModelError, UsageError
from headrace.vision.temporary_mode import borrowed

__all__ = ["feature_maps", "filters", "grad_cam", "line_filters", "saliency"]


def line_filters(size: int = 7, channels: int = 3) -> nn.Conv2d:
    """A convolution of two filters: a vertical line, and a horizontal one, white on black in each channel.

    The image keeps its height and width. What stands out of a photograph in the first map are its vertical
    lines, in the second its horizontal ones.

    Args:
        size: The filters' height and width, odd.
        channels: The image's.

    Example:
        >>> line_filters()(torch.rand(2, 3, 40, 60)).shape
        torch.Size([2, 2, 40, 60])
    """
    if size < 1 or size % 2 == 0:
        raise UsageError(f"a filter of {size} pixels has no middle", hint="give an odd size")
    convolution = nn.Conv2d(channels, 2, size, padding=size // 2, bias=False)
    with torch.no_grad():
        convolution.weight.zero_()
        convolution.weight[0, :, :, size // 2] = 1
        convolution.weight[1, :, size // 2, :] = 1
    return convolution


def filters(model: nn.Module, layer: str | None = None) -> Tensor:
    """A convolution's filters.

    Args:
        model: Left as it is.
        layer: The convolution's path in the model; None takes the first, whose filters are seen in colour.

    Returns:
        A copy, [maps, channels, height, width].

    Raises:
        UsageError: No such layer, or none that is a convolution.
    """
    if layer is not None:
        found = _layer(model, layer)
    else:
        found = next((each for each in model.modules() if isinstance(each, nn.Conv2d)), None)
    if not isinstance(found, nn.Conv2d):
        what = "the model has no convolution" if layer is None else f"layer '{layer}' is no convolution"
        raise UsageError(what, hint="name an nn.Conv2d")
    return found.weight.detach().clone()


def feature_maps(model: nn.Module, images: Tensor, layers: Sequence[str] | None = None) -> dict[str, Tensor]:
    """What layers make of images.

    Args:
        model: Called in evaluation mode; left as it is.
        images: As the model takes them, [N, channels, height, width].
        layers: Paths in the model; None takes all that give maps.

    Returns:
        By the layers' paths, in the order in which they work, [N, maps, height, width].

    Raises:
        UsageError: No such layer, or one that gives no maps.
    """
    for name in layers or ():
        _layer(model, name)
    found: dict[str, Tensor] = {}

    def keep(name: str, output: Any) -> None:
        if _is_maps(output):
            found[name] = output.detach().clone()

    with torch.no_grad(), _heard(model, keep, layers):
        model(images)
    if missing := [name for name in layers or () if name not in found]:
        raise UsageError(f"layer '{missing[0]}' gives no maps", hint=f"choose among {_names(model)}")
    return found


def saliency(model: nn.Module, images: Tensor, classes: Tensor | None = None) -> Tensor:
    """How much each pixel moves a class's logit: the gradient, the largest of the channels' absolute values.

    K. Simonyan et al., Deep Inside Convolutional Networks, 2013, arXiv:1312.6034.

    Args:
        model: Gives logits [N, classes]; called in evaluation mode, and left as it is.
        images: float [N, channels, height, width].
        classes: One an image, int64 [N]; None takes the likeliest.

    Returns:
        [N, height, width], zero or more.

    Raises:
        ModelError: The model gives something other than logits.
    """
    pixels = images.detach().clone().requires_grad_()
    with torch.enable_grad(), _heard(model, None):
        score = _score(model(pixels), classes)
        (gradient,) = torch.autograd.grad(score, pixels)
    return gradient.abs().amax(dim=1)


def grad_cam(
    model: nn.Module, images: Tensor, classes: Tensor | None = None, layer: str | None = None
) -> Tensor:
    """Where the evidence for a class is: the last maps, each weighted by its mean gradient, what is positive.

    R. R. Selvaraju et al., Grad-CAM, ICCV 2017, arXiv:1610.02391.

    Args:
        model: Gives logits [N, classes]; called in evaluation mode, and left as it is.
        images: float [N, channels, height, width].
        classes: One an image, int64 [N]; None takes the likeliest.
        layer: Whose maps, by its path; None takes the last maps of the last convolution's size.

    Returns:
        [N, height, width] of the images, from 0 to 1, which is the most evidence in each image.

    Raises:
        ModelError: The model gives something other than logits.
        UsageError: No such layer, or no maps.
    """
    maps: dict[str, Tensor] = {}

    def keep(name: str, output: Any) -> None:
        if _is_maps(output):
            maps[name] = output

    if layer is not None:
        _layer(model, layer)
    with torch.enable_grad(), _heard(model, keep):
        score = _score(model(images.detach().clone().requires_grad_()), classes)
        chosen = maps.get(layer) if layer is not None else _last_maps(model, maps)
        if chosen is None:
            raise UsageError(f"layer '{layer}' gives no maps", hint=f"choose among {_names(model)}")
        (gradient,) = torch.autograd.grad(score, chosen)
    evidence = (gradient.mean(dim=(2, 3), keepdim=True) * chosen.detach()).sum(dim=1, keepdim=True).relu()
    evidence = interpolate(evidence, images.shape[2:], mode="bilinear")[:, 0]
    most = evidence.amax(dim=(1, 2), keepdim=True)
    return evidence / most.clamp(min=torch.finfo(evidence.dtype).tiny)


def _last_maps(model: nn.Module, maps: dict[str, Tensor]) -> Tensor:
    """After the last convolution comes what makes its maps complete: norm, shortcut, ReLU; then pools."""
    convolutions = [name for name, each in model.named_modules() if isinstance(each, nn.Conv2d)]
    last = next((maps[name] for name in reversed(maps) if name in convolutions), None)
    if last is None:
        raise UsageError("the model has no convolution", hint="name a layer that gives maps")
    return next(each for each in reversed(maps.values()) if each.shape[2:] == last.shape[2:])


def _score(logits: Any, classes: Tensor | None) -> Tensor:
    if not (isinstance(logits, Tensor) and logits.ndim == 2):
        given = f"{list(logits.shape)}" if isinstance(logits, Tensor) else type(logits).__name__
        raise ModelError(f"the model gave {given}", hint="give a classifier, with logits [N, classes]")
    chosen = logits.argmax(dim=1) if classes is None else classes
    return logits.gather(1, chosen[:, None]).sum()


def _is_maps(output: Any) -> bool:
    return isinstance(output, Tensor) and output.ndim == 4


def _layer(model: nn.Module, name: str) -> nn.Module:
    try:
        return model.get_submodule(name)
    except AttributeError:
        raise UsageError(f"no layer is named '{name}'", hint=f"choose among {_names(model)}") from None


def _names(model: nn.Module) -> str:
    names = [name for name, each in model.named_modules() if isinstance(each, nn.Conv2d)]
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")


@contextmanager
def _heard(
    model: nn.Module, hear: Callable[[str, Any], None] | None, layers: Sequence[str] | None = None
) -> Generator[None]:
    """In evaluation mode, with every layer's output told to `hear`; hooks and modes are then as before."""

    def told(name: str) -> Callable[[nn.Module, Any, Any], None]:
        return lambda _layer, _inputs, output: None if hear is None else hear(name, output)

    with borrowed(model, training=False) as hooks:
        for name, layer in model.named_modules():
            if layers is None or name in layers:
                hooks.append(layer.register_forward_hook(told(name)))
        yield
