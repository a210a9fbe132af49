"""Changes of values on tensors, by `ColourOp`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import conv2d, pad

from headrace._native import ColourOp

__all__ = ["change_colours"]

_GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601


def change_colours(
    images: Tensor, ops: NDArray[np.uint8], values: NDArray[np.float32], unit: float
) -> Tensor:
    """Apply a list of operations to each image.

    Args:
        images: float [N, channels, height, width]; not changed.
        ops: Members of `ColourOp`, [steps, N].
        values: Their parameters, [steps, N, width].
        unit: The value of full intensity.

    Returns:
        The changed images; `images` themselves without a change.
    """
    for step_ops, step_values in zip(ops, values, strict=True):
        parameters = torch.from_numpy(step_values).to(images)
        for op in np.unique(step_ops).tolist():
            if op == ColourOp.NONE:
                continue
            change = _CHANGES[ColourOp(op)]
            if (step_ops == op).all():
                images = change(images, parameters, unit)
                continue
            rows = torch.from_numpy(np.flatnonzero(step_ops == op)).to(images.device)
            images = images.index_copy(0, rows, change(images[rows], parameters[rows], unit))
    return images


def _first(parameters: Tensor) -> Tensor:
    return parameters[:, :1, None, None]


def _scale_distance(images: Tensor, centre: Tensor, parameters: Tensor) -> Tensor:
    return centre + _first(parameters) * (images - centre)


def _contrast(images: Tensor, parameters: Tensor, unit: float) -> Tensor:  # noqa: ARG001
    return _scale_distance(images, images.mean(dim=(1, 2, 3), keepdim=True), parameters)


def _add(images: Tensor, parameters: Tensor, unit: float) -> Tensor:
    return images + parameters[:, : images.shape[1], None, None] * unit


def _scale(images: Tensor, parameters: Tensor, unit: float) -> Tensor:  # noqa: ARG001
    return images * _first(parameters)


def _saturate(images: Tensor, parameters: Tensor, unit: float) -> Tensor:  # noqa: ARG001
    if images.shape[1] != 3:
        return images
    weights = torch.tensor(_GREY, dtype=images.dtype, device=images.device)[:, None, None]
    return _scale_distance(images, (images * weights).sum(dim=1, keepdim=True), parameters)


def _turn_hue(images: Tensor, parameters: Tensor, unit: float) -> Tensor:  # noqa: ARG001
    if images.shape[1] != 3:
        return images
    red, green, blue = images.unbind(1)
    highest, lowest = images.amax(1), images.amin(1)
    chroma = highest - lowest
    divisor = torch.where(chroma > 0, chroma, 1)
    from_green, from_blue = 2 + (blue - red) / divisor, 4 + (red - green) / divisor
    hue = torch.where(
        red == highest, (green - blue) / divisor, torch.where(green == highest, from_green, from_blue)
    )
    hue = hue + (parameters[:, :1, None].double() % 360 / 60).to(images.dtype)
    places = [(channel + hue) % 6 for channel in (5, 3, 1)]
    return torch.stack([highest - chroma * torch.minimum(p, 4 - p).clamp(0, 1) for p in places], dim=1)


def _blur(images: Tensor, parameters: Tensor, unit: float) -> Tensor:  # noqa: ARG001
    deviations = parameters[:, 0].double()
    radii = (3 * deviations).ceil()
    radius = int(radii.max())
    if not radius:
        return images
    distances = torch.arange(-radius, radius + 1, device=images.device, dtype=torch.float64)
    weights = torch.exp(-((distances / deviations.clamp(min=1e-9)[:, None]) ** 2) / 2)
    weights = torch.where(distances.abs() <= radii[:, None], weights, 0)
    weights = (weights / weights.sum(1, keepdim=True)).to(images.dtype)
    count, channels, height, width = images.shape
    kernels = weights.repeat_interleave(channels, dim=0)[:, None]
    planes = images.reshape(1, count * channels, height, width)
    across = pad(planes, (radius, radius, 0, 0), mode="replicate")
    rows = conv2d(across, kernels[:, :, None], groups=count * channels)
    down = pad(rows, (0, 0, radius, radius), mode="replicate")
    return conv2d(down, kernels[..., None], groups=count * channels).reshape(images.shape)


def _sharpen(images: Tensor, parameters: Tensor, unit: float) -> Tensor:  # noqa: ARG001
    count, channels, height, width = images.shape
    if min(height, width) < 3:
        return images
    weights = torch.ones(1, 1, 3, 3, dtype=images.dtype, device=images.device)
    weights[..., 1, 1] = 5
    smooth = images.clone()
    planes = images.reshape(count * channels, 1, height, width)
    inner = (conv2d(planes, weights) / 13).reshape(count, channels, height - 2, width - 2)
    smooth[..., 1:-1, 1:-1] = inner
    return _scale_distance(images, smooth, parameters)


def _find_levels(images: Tensor, unit: float) -> Tensor:
    return (images * (255 / unit)).clamp(0, 255).round().long()


def _posterize(images: Tensor, parameters: Tensor, unit: float) -> Tensor:
    masks = 256 - 2 ** (8 - _first(parameters).long())
    return (_find_levels(images, unit) & masks).to(images.dtype) * (unit / 255)


def _solarize(images: Tensor, parameters: Tensor, unit: float) -> Tensor:
    return torch.where(images >= _first(parameters) * unit, unit - images, images)


def _scale_to_range(images: Tensor, parameters: Tensor, unit: float) -> Tensor:  # noqa: ARG001
    low, high = images.amin((2, 3), keepdim=True), images.amax((2, 3), keepdim=True)
    scaled = (images - low) * (unit / torch.where(high > low, high - low, 1))
    return torch.where(high > low, scaled, images)


def _equalize(images: Tensor, parameters: Tensor, unit: float) -> Tensor:  # noqa: ARG001
    levels = _find_levels(images, unit).flatten(2)
    counts = torch.zeros(*levels.shape[:2], 256, dtype=torch.long, device=images.device)
    counts.scatter_add_(2, levels, torch.ones_like(levels))
    last = counts.gather(2, levels.amax(2, keepdim=True))
    steps = (levels.shape[2] - last) // 255
    below = counts.cumsum(2) - counts + steps // 2
    table = (below // steps.clamp(min=1)).clamp(max=255).to(images.dtype) * (unit / 255)
    equalized = table.gather(2, levels).reshape(images.shape)
    return torch.where(steps[..., None] > 0, equalized, images)


def _clip(images: Tensor, parameters: Tensor, unit: float) -> Tensor:  # noqa: ARG001
    return images.clamp(0, unit)


_CHANGES: dict[ColourOp, Callable[[Tensor, Tensor, float], Any]] = {
    ColourOp.CONTRAST: _contrast,
    ColourOp.ADD: _add,
    ColourOp.SCALE: _scale,
    ColourOp.SATURATE: _saturate,
    ColourOp.HUE: _turn_hue,
    ColourOp.BLUR: _blur,
    ColourOp.SHARPEN: _sharpen,
    ColourOp.POSTERIZE: _posterize,
    ColourOp.SOLARIZE: _solarize,
    ColourOp.AUTO_CONTRAST: _scale_to_range,
    ColourOp.EQUALIZE: _equalize,
    ColourOp.CLIP: _clip,
}
