"""A batch as it is given and returned: images, labels, masks and boxes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from headrace.arguments import show_value
from headrace.errors import SchemaError

__all__ = ["AugmentedBatch", "as_native", "as_tensor", "check_images", "check_masks", "map_labels"]

_FLOATS = ("float16", "bfloat16", "float32", "float64")


@dataclass(frozen=True)
class AugmentedBatch:
    """Augmented images, and what moved with them; None for what was not passed.

    Attributes:
        images: [N, channels, height, width].
        labels: [N, ...].
        masks: [N, height, width] or [N, channels, height, width].
        boxes: An array [boxes, 4] per image: left, top, right, bottom in pixels, within the image.
        box_labels: The labels of these boxes, per image.
    """

    images: Any
    labels: Any = None
    masks: Any = None
    boxes: Sequence[Any] | None = None
    box_labels: Sequence[Any] | None = None


def as_tensor(values: Any) -> Tensor:
    """Return a tensor, or a copy of an array as a tensor.

    Raises:
        SchemaError: The array is not of numbers.
    """
    if isinstance(values, Tensor):
        return values
    if values.dtype.kind not in "biuf":
        hint = "number the classes, such as by hr.transform.apply_vocabulary"
        raise SchemaError(f"expected numbers, got an array of {values.dtype.name}", hint=hint)
    return torch.from_numpy(np.array(values))


def map_labels(function: Callable[[Any], Any], labels: Any) -> Any:
    """Apply a function to labels, or to the labels of each output where they are a dict."""
    if isinstance(labels, Mapping):
        return {name: function(each) for name, each in labels.items()}
    return function(labels)


def as_native(values: Any) -> Any:
    """Return an array in the byte order of this machine, as torch needs it; anything else as it is."""
    is_array = isinstance(values, np.ndarray)
    return values.astype(values.dtype.newbyteorder("="), copy=False) if is_array else values


def check_images(images: Any, labels: Any) -> None:
    """Check images, and that there are as many labels.

    Raises:
        SchemaError: `images` is not a tensor or array of float or uint8 [N, channels, height, width] with
        pixels, or
            `labels`, or one of a dict of them, is not of the same kind, [N, ...].
    """
    hint = "pass float or uint8 [N, channels, height, width]"
    if not isinstance(images, Tensor | np.ndarray):
        raise SchemaError(f"expected images, got {show_value(images)}", hint=hint)
    _check_dense(images, "images")
    dtype = _name_dtype(images)
    if images.ndim != 4 or dtype not in ("uint8", *_FLOATS) or not all(images.shape[1:]):
        raise SchemaError(f"expected images, got {dtype}{list(images.shape)}", hint=hint)
    if labels is not None:
        map_labels(lambda each: _check_labels(each, images), labels)


def _check_labels(labels: Any, images: Any) -> None:
    kind = Tensor if isinstance(images, Tensor) else np.ndarray
    if not (isinstance(labels, kind) and labels.ndim and len(labels) == len(images)):
        got = list(labels.shape) if isinstance(labels, kind) else show_value(labels)
        name = "a tensor" if kind is Tensor else "an array"
        raise SchemaError(f"expected labels of {len(images)} images, got {got}", hint=f"pass {name} [N, ...]")


def check_masks(masks: Any, images: Any, fill: int) -> None:
    """Check that masks are of the same kind and size as images, and can hold a value.

    Raises:
        SchemaError: They are not, or cannot.
    """
    kind = Tensor if isinstance(images, Tensor) else np.ndarray
    count, _, height, width = images.shape
    hint = "pass masks [N, height, width] or [N, channels, height, width] of the same kind as the images"
    if not isinstance(masks, kind):
        raise SchemaError(f"expected masks, got {show_value(masks)}", hint=hint)
    _check_dense(masks, "masks")
    shape = tuple(masks.shape)
    if len(shape) not in (3, 4) or shape[0] != count or shape[-2:] != (height, width) or not all(shape[1:]):
        raise SchemaError(
            f"expected masks of {count} images of {height}x{width}, got {list(shape)}", hint=hint
        )
    dtype = _name_dtype(masks)
    if dtype == "bool":
        low, high = 0, 1
    elif dtype in _FLOATS:
        return
    elif dtype.startswith(("int", "uint")):
        limits = np.iinfo(dtype)
        low, high = int(limits.min), int(limits.max)
    else:
        raise SchemaError(f"expected masks of numbers, got {dtype}", hint=hint)
    if not low <= fill <= high:
        raise SchemaError(f"mask_fill is {fill}, which {dtype} cannot hold", hint="pass a value of the masks")


def _name_dtype(values: Any) -> str:
    return values.dtype.name if isinstance(values, np.ndarray) else str(values.dtype).removeprefix("torch.")


def _check_dense(values: Any, what: str) -> None:
    if isinstance(values, Tensor) and values.layout is not torch.strided:
        raise SchemaError(f"expected {what}, got a sparse tensor", hint="make it dense: tensor.to_dense()")
    if np.ma.is_masked(values):
        hint = "fill them: array.filled(value)"
        raise SchemaError(f"expected {what}, got an array with masked values", hint=hint)
