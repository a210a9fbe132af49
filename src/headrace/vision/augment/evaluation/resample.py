"""Affine resampling of tensors, which all geometric steps share."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d, grid_sample

from headrace.vision.augment.evaluation.parameters import PADDING, Fill, fill_values

__all__ = ["average_blocks", "move_masks", "resample"]

_SIGNED = {torch.uint16: torch.int16, torch.uint32: torch.int32, torch.uint64: torch.int64}


def _pixel_centres(length: int, device: torch.device) -> Tensor:
    """Return the positions of pixels along a side, relative to the centre of the side."""
    return torch.arange(length, device=device) + (0.5 - length / 2)


def _grid(maps: Tensor, size: tuple[int, int], source: tuple[int, int]) -> Tensor:
    """Compute sampling positions of the output pixels, [N, height, width, 2], in halves of the input's sides.

    The sums of a row part and a column part, with x and y as one complex number, are much faster than the
    matrix product of `torch.nn.functional.affine_grid`.
    """
    halves = torch.tensor([2 / source[1], 2 / source[0]], device=maps.device)
    (xx, xy, xo), (yx, yy, yo) = (maps[:, :2] * halves[:, None]).permute(1, 2, 0)[..., None]
    across, down = _pixel_centres(size[1], maps.device), _pixel_centres(size[0], maps.device)
    along_rows = torch.complex(xx * across + xo, yx * across + yo)
    along_columns = torch.complex(xy * down, yy * down)
    return torch.view_as_real(along_rows[:, None] + along_columns[:, :, None])


def resample(images: Tensor, maps: Tensor, size: tuple[int, int], *, nearest: bool, fill: Fill) -> Tensor:
    """Resample images by affine maps.

    Args:
        images: float [N, channels, height, width].
        maps: float32 [N, 3, 3], from output to input positions, in pixels from the centre.
        size: Height and width of the output.
        nearest: Whether to take the nearest pixel instead of bilinear interpolation.
        fill: Pixels outside the image: "edge" for the nearest pixel, "zeros", "reflect", or values.

    Returns:
        float [N, channels, *size].
    """
    grid = _grid(maps, size, (images.shape[2], images.shape[3])).to(images.dtype)
    mode = "nearest" if nearest else "bilinear"
    if isinstance(fill, str):
        return grid_sample(images, grid, mode=mode, padding_mode=PADDING[fill], align_corners=False)
    outside = torch.from_numpy(fill_values(fill, images.shape[1])).to(images)[:, None, None]
    moved = grid_sample(images - outside, grid, mode=mode, padding_mode="zeros", align_corners=False)
    return moved + outside


def move_masks(
    masks: Tensor, maps: NDArray[np.float64], size: tuple[int, int], *, fill: Fill, value: int
) -> Tensor:
    """Move masks by affine maps: each output pixel is the nearest input pixel.

    Args:
        masks: [N, height, width] or [N, channels, height, width], of any type.
        maps: [N, 3, 3], from output to input positions, in pixels from the centre.
        size: Height and width of the output.
        fill: Pixels outside the mask: "edge", "reflect", or anything else for `value`.
        value: The value of pixels outside the mask.

    Returns:
        [N, *size] or [N, channels, *size], of the same type.
    """
    signed = _SIGNED.get(masks.dtype)
    if signed is not None:  # torch gathers no such numbers: their bits are moved
        half = 1 << (8 * signed.itemsize - 1)
        wrapped = (value + half) % (2 * half) - half
        return move_masks(masks.view(signed), maps, size, fill=fill, value=wrapped).view(masks.dtype)
    height, width = masks.shape[-2:]
    down, across = (np.arange(side) + (0.5 - side / 2) for side in size)
    x = (
        maps[:, 0, 0, None, None] * across
        + maps[:, 0, 1, None, None] * down[:, None]
        + maps[:, 0, 2, None, None]
    )
    y = (
        maps[:, 1, 0, None, None] * across
        + maps[:, 1, 1, None, None] * down[:, None]
        + maps[:, 1, 2, None, None]
    )
    columns, is_column = _find_inside(np.floor(x + width / 2), width, fill)
    rows, is_row = _find_inside(np.floor(y + height / 2), height, fill)
    places = torch.from_numpy(rows * width + columns).to(masks.device).flatten(1)
    is_inside = torch.from_numpy(is_column & is_row).to(masks.device)
    if masks.ndim == 4:
        places, is_inside = places[:, None].expand(-1, masks.shape[1], -1), is_inside[:, None]
    moved = masks.flatten(-2).gather(-1, places).unflatten(-1, size)
    return moved if is_inside.all() else torch.where(is_inside, moved, torch.tensor(value).to(masks))


def _find_inside(
    positions: NDArray[np.float64], length: int, fill: Fill
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return indices inside of a side, and whether the positions are inside or repeat its pixels."""
    is_inside = (positions >= 0) & (positions < length)
    if fill == "reflect":
        turned = positions % (2 * length)
        positions = np.minimum(turned, 2 * length - 1 - turned)
    indices = np.clip(positions, 0, length - 1).astype(np.int64)
    return indices, is_inside if fill not in ("edge", "reflect") else np.ones_like(is_inside)


def average_blocks(images: Tensor, blocks: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Average images over (height, width) blocks of pixels; return them and the map of positions, [3, 3].

    Rows at the bottom and columns at the right that do not fill a block are dropped.
    """
    height, width = images.shape[2:]
    averages = avg_pool2d(images, blocks)
    x, y = 1 / blocks[1], 1 / blocks[0]
    right, down = (width * x - averages.shape[3]) / 2, (height * y - averages.shape[2]) / 2
    return averages, torch.tensor([[x, 0, right], [0, y, down], [0, 0, 1]], device=images.device)
