"""Augment a batch of tensors on any device: the definition of the native kernels."""

from __future__ import annotations

import torch
from torch import Tensor

from headrace.vision.augment.evaluation.change_colours import change_colours
from headrace.vision.augment.evaluation.parameters import BatchParameters, fill_values
from headrace.vision.augment.evaluation.resample import average_blocks, resample

__all__ = ["evaluate_on_tensors"]


def evaluate_on_tensors(parameters: BatchParameters, images: Tensor) -> Tensor:
    """Move pixels, change values, clip, cut out, and round: in this order.

    uint8 images are computed as float32 values from 0 to 255, clipped to them, and rounded once at the end,
    half to even. float32 and float64 are computed as they are, other types as float32.
    """
    exact = images.dtype in (torch.float32, torch.float64)
    is_byte = not images.is_floating_point()
    values = _move(parameters, images if exact else images.float())
    values = change_colours(values, parameters.ops, parameters.values, unit=255.0 if is_byte else 1.0)
    if values is images:
        values = values.clone()
    if parameters.limits is not None:
        values.clamp_(*parameters.limits)
    if is_byte:
        values.clamp_(0, 255)
    _cut_holes(parameters, values)
    return values if exact else (values.round_() if is_byte else values).to(images.dtype)


def _move(parameters: BatchParameters, images: Tensor) -> Tensor:
    if parameters.maps is None:
        return images
    maps = torch.from_numpy(parameters.maps).to(images.device, torch.float32)
    if parameters.blocks != (1, 1):
        images, to_blocks = average_blocks(images, parameters.blocks)
        maps = to_blocks @ maps
    return resample(images, maps, parameters.size, nearest=parameters.nearest, fill=parameters.fill)


def _cut_holes(parameters: BatchParameters, values: Tensor) -> None:
    rows, columns = (torch.arange(side, device=values.device) for side in parameters.size)
    for places, value in zip(parameters.holes, parameters.hole_values, strict=True):
        top, bottom, left, right = torch.from_numpy(places).to(values.device).T[:, :, None]
        in_rows, in_columns = (rows >= top) & (rows < bottom), (columns >= left) & (columns < right)
        is_hole = (in_rows[:, :, None] & in_columns[:, None])[:, None]
        each = fill_values(value, values.shape[1])
        assert each is not None
        torch.where(is_hole, torch.from_numpy(each).to(values)[:, None, None], values, out=values)
