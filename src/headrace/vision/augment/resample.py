"""One affine resampling for everything that moves pixels."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, grid_sample

__all__ = ["Fill", "average_blocks", "resample"]

Fill = Literal["edge", "zeros", "reflect"]
_PADDING: dict[Fill, str] = {"edge": "border", "zeros": "zeros", "reflect": "reflection"}


def _middles(length: int, device: torch.device) -> Tensor:
    """The places of a side's pixels, from its middle."""
    return torch.arange(length, device=device) + (0.5 - length / 2)


def _grid(maps: Tensor, size: tuple[int, int], source: tuple[int, int]) -> Tensor:
    """Where each pixel of the result looks, [N, height, width, 2], in halves of the source's sides.

    A row's part and a column's part, x and y as one complex number, are added over the image, which is faster
    than the matrix product of `torch.nn.functional.affine_grid` by far.
    """
    halves = torch.tensor([2 / source[1], 2 / source[0]], device=maps.device)
    (xx, xy, xo), (yx, yy, yo) = (maps[:, :2] * halves[:, None]).permute(1, 2, 0)[..., None]
    across, down = _middles(size[1], maps.device), _middles(size[0], maps.device)
    along_rows = torch.complex(xx * across + xo, yx * across + yo)
    along_columns = torch.complex(xy * down, yy * down)
    return torch.view_as_real(along_rows[:, None] + along_columns[:, :, None])


def resample(images: Tensor, maps: Tensor, size: tuple[int, int], *, nearest: bool, fill: Fill) -> Tensor:
    """The images through their maps.

    Args:
        images: float [N, channels, height, width].
        maps: float32 [N, 3, 3], from places in the result to places in the images, in pixels from the middle.
        size: The result's height and width.
        nearest: The nearest pixel; otherwise four are interpolated (bilinear).
        fill: What is outside: "edge" the nearest pixel inside, "zeros", or "reflect", the inside mirrored.

    Returns:
        float [N, channels, *size].
    """
    grid = _grid(maps, size, (images.shape[2], images.shape[3])).to(images.dtype)
    mode = "nearest" if nearest else "bilinear"
    return grid_sample(images, grid, mode=mode, padding_mode=_PADDING[fill], align_corners=False)


def average_blocks(images: Tensor, blocks: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Images made smaller by whole numbers, down and across, and the map from old places to new, [3, 3].

    Rows and columns that fill no block are left out, at the bottom and at the right.
    """
    height, width = images.shape[2:]
    fewer = avg_pool2d(images, blocks)
    x, y = 1 / blocks[1], 1 / blocks[0]
    right, down = (width * x - fewer.shape[3]) / 2, (height * y - fewer.shape[2]) / 2
    return fewer, torch.tensor([[x, 0, right], [0, y, down], [0, 0, 1]], device=images.device)
