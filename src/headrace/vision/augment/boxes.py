"""Bounding boxes that move with the pixels of their images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from headrace.arguments import show_value
from headrace.errors import SchemaError
from headrace.vision.augment.geometry import Maps, Size

__all__ = ["check_boxes", "move_boxes"]

_HINT = "pass a list with an array [boxes, 4] per image: left, top, right, bottom in pixels"


def check_boxes(boxes: Any, box_labels: Any, count: int) -> None:
    """Check boxes, and that each box has a label.

    Raises:
        SchemaError: There is not an array of finite [boxes, 4] for each image, with left <= right and top <=
        bottom;
            or labels of the boxes of an image have another length.
    """
    if not isinstance(boxes, Sequence) or isinstance(boxes, str) or len(boxes) != count:
        got = f"{len(boxes)} arrays" if isinstance(boxes, Sequence) else show_value(boxes)
        raise SchemaError(f"expected boxes of {count} images, got {got}", hint=_HINT)
    for image, each in enumerate(boxes):
        values = _to_array(each)
        if values is None or values.shape[1:] != (4,):
            got = list(each.shape) if isinstance(each, Tensor | np.ndarray) else show_value(each)
            raise SchemaError(f"boxes of image {image}: expected [boxes, 4], got {got}", hint=_HINT)
        if not np.isfinite(values).all() or (values[:, :2] > values[:, 2:]).any():
            raise SchemaError(f"boxes of image {image}: expected left <= right and top <= bottom", hint=_HINT)
    if box_labels is None:
        return
    if not isinstance(box_labels, Sequence) or isinstance(box_labels, str) or len(box_labels) != count:
        raise SchemaError(
            f"expected labels of the boxes of {count} images", hint="pass a list, an array per image"
        )
    for image, (each, labels) in enumerate(zip(boxes, box_labels, strict=True)):
        if not isinstance(labels, Tensor | np.ndarray | list) or len(labels) != len(each):
            got = len(labels) if isinstance(labels, Tensor | np.ndarray | list) else show_value(labels)
            what = f"labels of the boxes of image {image}: expected {len(each)}, got {got}"
            raise SchemaError(what, hint="pass a label for each box")


def _to_array(boxes: Any) -> NDArray[np.float64] | None:
    """Return float64 [boxes, 4], or None for anything but numbers."""
    if isinstance(boxes, Tensor):
        boxes = boxes.detach().cpu().double().numpy()
    if not isinstance(boxes, np.ndarray | list):
        return None
    try:
        values = np.asarray(boxes, np.float64)
    except (TypeError, ValueError):
        return None
    return (
        values.reshape(-1, 4)
        if values.size == 0 and values.ndim <= 2
        else values
        if values.ndim == 2
        else None
    )


def move_boxes(
    boxes: Sequence[Any], maps: Maps | None, size: Size, new_size: Size, least_share: float
) -> tuple[list[Any], list[NDArray[np.int64]]]:
    """Move boxes as the pixels of their images, clip them, and drop those of which too little is left.

    Args:
        boxes: Per image [boxes, 4]: left, top, right, bottom in pixels; a tensor, an array or a list.
        maps: Maps of the images, [N, 3, 3], from output to input positions relative to the centres; None if
            nothing moves.
        size: Height and width of the images.
        new_size: Height and width of the results.
        least_share: The share of a moved box's area that must be inside of the result.

    Returns:
        The boxes around the moved corners, of the same kind and type (float32 for integers), and the
        positions of the boxes that were kept, per image.
    """
    arrays = [_to_array(each) for each in boxes]
    moved = [np.zeros((0, 4)) if each is None else each for each in arrays]
    if maps is not None:
        inverse = np.linalg.inv(maps)
        moved = [_move(each, inverse[image], size, new_size) for image, each in enumerate(moved)]
    kept: list[NDArray[np.int64]] = []
    results: list[Any] = []
    for each, original in zip(moved, boxes, strict=True):
        clipped = np.clip(each, 0, (new_size[1], new_size[0]) * 2)
        area, left = _find_areas(each), _find_areas(clipped)
        rows = np.flatnonzero((left > 0) & (left >= least_share * area))
        kept.append(rows)
        results.append(_convert(clipped[rows], original))
    return results, kept


def _move(
    boxes: NDArray[np.float64], inverse: NDArray[np.float64], size: Size, new_size: Size
) -> NDArray[np.float64]:
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2) - (size[1] / 2, size[0] / 2)
    places = corners @ inverse[:2, :2].T + inverse[:2, 2] + (new_size[1] / 2, new_size[0] / 2)
    return np.concatenate([places.min(1), places.max(1)], axis=1)


def _find_areas(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def _convert(boxes: NDArray[np.float64], original: Any) -> Any:
    """Return boxes as the kind of array that the original boxes are."""
    if isinstance(original, Tensor):
        dtype = original.dtype if original.is_floating_point() else torch.float32
        return torch.from_numpy(boxes).to(original.device, dtype)
    dtype = original.dtype if isinstance(original, np.ndarray) and original.dtype.kind == "f" else np.float32
    return boxes.astype(dtype)
