"""Where in an image a model finds the evidence for a class: saliency and Grad-CAM."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from headrace.arguments import check_integer, show_value
from headrace.errors import ModelError, SchemaError, UsageError
from headrace.nn import check_model
from headrace.vision.fuse import FusedConv
from headrace.vision.visualize.capture import (
    Layer,
    call_model,
    capture_outputs,
    find_path,
    is_maps,
    list_layers,
    no_maps_error,
)

__all__ = ["Classes", "grad_cam", "saliency"]

Classes = int | Sequence[int] | Tensor | None
"""A class for all images, a class per image, or None for the most likely class of each image."""


def saliency(model: nn.Module, images: Tensor, classes: Classes = None) -> Tensor:
    """Compute the influence of each pixel on a class's logit: the largest absolute gradient over channels.

    K. Simonyan et al., Deep Inside Convolutional Networks, 2013, arXiv:1312.6034.

    Args:
        model: A classifier with logits [N, classes], called in evaluation mode and not changed.
        images: float [N, channels, height, width].
        classes: A class for all images, or a class per image (a list or int64 [N]); None for the most likely
            class of each image.

    Returns:
        A tensor [N, height, width] of non-negative values.

    Raises:
        ModelError: The model's output is not logits, or the model fails on these images.
        SchemaError: The images are not float [N, channels, height, width].
        UsageError: `classes` are not classes of the model, or not one per image.
    """
    check_model(model)
    with _gradients(), capture_outputs(model, None):
        pixels = _check_images(images).detach().clone().requires_grad_()
        score = _score(
            call_model(model, pixels.clone()), classes
        )  # a copy, for layers that overwrite their input
        gradient = _differentiate(score, pixels)
    if gradient is None:
        raise ModelError("the logits do not depend on the images", hint="compute them without detach()")
    return gradient.abs().amax(dim=1)


def grad_cam(model: nn.Module, images: Tensor, classes: Classes = None, layer: Layer | None = None) -> Tensor:
    """Locate the evidence for a class: the ReLU of the last maps, each weighted by its mean gradient.

    R. R. Selvaraju et al., Grad-CAM, ICCV 2017, arXiv:1610.02391.

    Args:
        model: A classifier with logits [N, classes], called in evaluation mode and not changed.
        images: float [N, channels, height, width].
        classes: A class for all images, or a class per image (a list or int64 [N]); None for the most likely
            class of each image.
        layer: The layer whose maps are weighted, or its path in the model; None for the last maps of the last
            convolution's size. The maps are those of the layer itself, also if a layer in place follows.

    Returns:
        A tensor [N, height, width] of the images' size, from 0 to 1, the maximum of each image.

    Raises:
        ModelError: The model's output is not logits, or the model fails on these images.
        SchemaError: The images are not float [N, channels, height, width].
        UsageError: The layer does not exist, is not called, or its output is not maps; or `classes` are not
            classes of the model, or not one per image.
    """
    check_model(model)
    images = _check_images(images)
    name = _find_last_maps(model, images) if layer is None else find_path(model, layer)
    outputs: list[Any] = []

    def keep(_name: str, output: Any) -> Any:
        outputs.append(output)
        return output.clone() if is_maps(output) else None  # layers in place overwrite the copy

    with _gradients(), capture_outputs(model, keep, [name]):
        score = _score(call_model(model, images.detach().clone().requires_grad_()), classes)
        if not outputs or not is_maps(outputs[-1]):
            raise no_maps_error(model, name, called=bool(outputs))
        maps = outputs[-1]
        gradient = _differentiate(score, maps)
    if gradient is None:
        raise UsageError(f"the logits do not depend on layer '{name}'", hint=list_layers(model))
    evidence = (gradient.mean(dim=(2, 3), keepdim=True) * maps.detach()).sum(dim=1, keepdim=True).relu()
    evidence = interpolate(evidence, images.shape[2:], mode="bilinear")[:, 0]
    most = evidence.amax(dim=(1, 2), keepdim=True)
    return evidence / most.clamp(min=torch.finfo(evidence.dtype).tiny)


def _find_last_maps(model: nn.Module, images: Tensor) -> str:
    """Return the path of the last maps of the last convolution's size: after its norm, shortcut and ReLU."""
    sizes: dict[str, torch.Size] = {}

    def keep(name: str, output: Any) -> None:
        if is_maps(output):
            sizes.pop(name, None)
            sizes[name] = output.shape[2:]

    with torch.no_grad(), capture_outputs(model, keep):
        call_model(model, images)
    convolutions = [name for name, each in model.named_modules() if isinstance(each, nn.Conv2d | FusedConv)]
    last = next((size for name, size in reversed(sizes.items()) if name in convolutions), None)
    if last is None:
        raise UsageError("the model has no convolution", hint="name a layer whose output is maps")
    return next(name for name, size in reversed(sizes.items()) if size == last)


def _score(logits: Any, classes: Classes) -> Tensor:
    if not (isinstance(logits, Tensor) and logits.ndim == 2):
        got = f"{list(logits.shape)}" if isinstance(logits, Tensor) else type(logits).__name__
        raise ModelError(f"expected logits [N, classes], got {got}", hint="pass a classifier")
    chosen = (
        logits.argmax(dim=1) if classes is None else _parse_classes(classes, *logits.shape).to(logits.device)
    )
    return logits.gather(1, chosen[:, None]).sum()


def _parse_classes(classes: Any, rows: int, count: int) -> Tensor:
    """Return the class of each image, int64 [rows]."""
    given: Any = classes.tolist() if isinstance(classes, Tensor | np.ndarray | np.generic) else classes
    if isinstance(given, str) or not isinstance(given, Sequence):
        return torch.full((rows,), check_integer(given, "classes", 0, count - 1))
    numbers = [check_integer(each, f"classes[{n}]", 0, count - 1) for n, each in enumerate(given)]
    if len(numbers) != rows:
        what = f"classes: expected a class for each of {rows} images, got {len(numbers)}"
        raise UsageError(what, hint="pass one number for all images, or one per image")
    return torch.tensor(numbers, dtype=torch.int64)


def _differentiate(score: Tensor, values: Tensor) -> Tensor | None:
    """Compute the gradient of a score; None if it does not depend on the values."""
    if not (score.requires_grad and values.requires_grad):
        return None
    return torch.autograd.grad(score, values, allow_unused=True)[0]


@contextmanager
def _gradients() -> Generator[None]:
    """Compute gradients inside a `with` block, also if the caller does not."""
    with torch.inference_mode(mode=False), torch.enable_grad():
        yield


def _check_images(images: Any) -> Tensor:
    if isinstance(images, Tensor) and images.ndim == 4 and images.is_floating_point() and images.numel():
        return images
    got = show_value(images)
    if isinstance(images, Tensor):
        got = f"{str(images.dtype).removeprefix('torch.')}{list(images.shape)}"
    what = f"images: expected float [N, channels, height, width], got {got}"
    raise SchemaError(
        what, hint="convert integers as in training: images.float() / 255, and add a batch dimension"
    )
