"""The sampled parameters of an augmentation for one batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["PADDING", "BatchParameters", "Fill", "fill_values"]

ChannelValues: TypeAlias = float | tuple[float, ...]  # one for all channels, or one for each
Fill: TypeAlias = Literal["edge", "zeros", "reflect"] | ChannelValues
PADDING: dict[str, str] = {"edge": "border", "zeros": "zeros", "reflect": "reflection"}


@dataclass(frozen=True)
class BatchParameters:
    """Sampled parameters for each image of a batch.

    Attributes:
        maps: Affine maps from output to input positions, float64 [N, 3, 3]; None without geometric steps.
        size: Height and width of the output.
        blocks: (height, width) of the blocks of pixels that are averaged before resampling.
        nearest: Whether each output pixel is an input pixel, so that no values are interpolated.
        ops: Changes of values in order, members of `ColourOp`: uint8 [steps, N].
        values: Their parameters, float32 [steps, N, width].
        holes: Rectangles to cut out: top, bottom, left and right, int64 [holes, N, 4].
        hole_values: The value of each hole, or its value in each channel.
        fill: Pixels outside the image.
        limits: Range that values are clipped to; None for no clipping.
    """

    maps: NDArray[np.float64] | None
    size: tuple[int, int]
    blocks: tuple[int, int]
    nearest: bool
    ops: NDArray[np.uint8]
    values: NDArray[np.float32]
    holes: NDArray[np.int64]
    hole_values: tuple[ChannelValues, ...]
    fill: Fill
    limits: tuple[float, float] | None


def fill_values(value: Fill | ChannelValues, channels: int) -> NDArray[np.float32] | None:
    """Return the value of each channel, float32 [channels], or None if the fill repeats pixels."""
    if value in ("edge", "reflect"):
        return None
    each = 0.0 if value == "zeros" else value
    return np.broadcast_to(np.asarray(each, np.float32), (channels,)).copy()
