"""Affine resampling, which all geometric steps share."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, grid_sample

__all__ = ["PADDING", "Fill", "average_blocks", "resample"]

Fill = Literal["edge", "zeros", "reflect"]
PADDING: dict[Fill, str] = {"edge": "border", "zeros": "zeros", "reflect": "reflection"}


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
        fill: Pixels outside the image: "edge" for the nearest pixel, "zeros", or "reflect".

    Returns:
        float [N, channels, *size].
    """
    grid = _grid(maps, size, (images.shape[2], images.shape[3])).to(images.dtype)
    mode = "nearest" if nearest else "bilinear"
    return grid_sample(images, grid, mode=mode, padding_mode=PADDING[fill], align_corners=False)


def average_blocks(images: Tensor, blocks: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Average images over (height, width) blocks of pixels; return them and the map of positions, [3, 3].

    Rows at the bottom and columns at the right that do not fill a block are dropped.
    """
    height, width = images.shape[2:]
    averages = avg_pool2d(images, blocks)
    x, y = 1 / blocks[1], 1 / blocks[0]
    right, down = (width * x - averages.shape[3]) / 2, (height * y - averages.shape[2]) / 2
    return averages, torch.tensor([[x, 0, right], [0, y, down], [0, 0, 1]], device=images.device)
