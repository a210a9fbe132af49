"""Choose where a batch is augmented."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from headrace._native import PixelFill, augment_images
from headrace.parallel import allocate_array
from headrace.vision.augment.evaluation.on_tensors import evaluate_on_tensors
from headrace.vision.augment.evaluation.parameters import BatchParameters, fill_values

__all__ = ["evaluate"]

_FILLS = {"edge": PixelFill.EDGE, "reflect": PixelFill.REFLECT}


def evaluate(parameters: BatchParameters, images: Tensor | NDArray[Any]) -> Tensor:
    """Augment a batch; images are not changed.

    Kernels of uint8 and float32 run on as many threads as PyTorch uses (`torch.set_num_threads`); the
    result does not depend on their number. Other types of 16 bits are computed as float32.

    Args:
        parameters: The sampled parameters.
        images: uint8 or floating-point [N, channels, height, width], on any device; arrays may be read-only.

    Returns:
        A tensor of the same type on the same device, [N, channels, *size].
    """
    if isinstance(images, np.ndarray):
        if images.dtype == np.uint8 or images.dtype == np.float32:
            return _evaluate_natively(parameters, np.ascontiguousarray(images))
        images = torch.from_numpy(np.array(images))
    if images.device.type != "cpu" or images.dtype == torch.float64:
        return evaluate_on_tensors(parameters, images)
    is_native = images.dtype in (torch.uint8, torch.float32)
    values = images.detach() if is_native else images.detach().float()
    return _evaluate_natively(parameters, values.contiguous().numpy()).to(images.dtype)


def _evaluate_natively(parameters: BatchParameters, images: NDArray[Any]) -> Tensor:
    count, channels = images.shape[:2]
    shape = (count, channels, *parameters.size)
    out = allocate_array(shape, images.dtype)
    if not count:
        return torch.from_numpy(out)
    maps = parameters.maps
    constant = fill_values(parameters.fill, channels)
    is_byte = images.dtype == np.uint8
    holes = [fill_values(value, channels) for value in parameters.hole_values]
    augment_images(
        images,
        out,
        np.zeros((0, 6)) if maps is None else np.ascontiguousarray(maps[:, :2]).reshape(count, 6),
        PixelFill.CONSTANT if constant is not None else _FILLS[str(parameters.fill)],
        np.zeros(0, np.float32) if constant is None else constant,
        parameters.blocks,
        parameters.ops,
        parameters.values,
        255.0 if is_byte else 1.0,
        _find_range(parameters.limits, is_byte),
        parameters.holes,
        np.array(holes, np.float32).reshape(len(holes), channels),
        torch.get_num_threads(),
    )
    return torch.from_numpy(out)


def _find_range(limits: tuple[float, float] | None, is_byte: bool) -> tuple[float, float]:
    low, high = limits or (-np.inf, np.inf)
    return (min(max(low, 0), 255), max(min(high, 255), 0)) if is_byte else (low, high)
