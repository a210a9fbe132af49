"""Decode, crop, resize and scale many image files in one pass of the kernels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headrace import _native
from headrace._native import PixelStep, Resampling
from headrace.images.file_columns import FileColumn, list_rows
from headrace.images.libraries import open_libraries
from headrace.parallel import map_on_shared_threads

__all__ = ["FloatPlan", "PixelStep", "fill_pixels"]

_LARGEST_RATIO = 1 << 30


@dataclass(frozen=True)
class FloatPlan:
    """What is done to each image.

    Attributes:
        channels_last: Whether the channels are the last dimension of the pixels, or come before the height.
        antialias: Average over all input pixels when shrinking; without it, over two of each axis.
        nearest: Take the nearest pixel instead.
        ratio: Resize the largest central part whose height and width are as these; None: the whole image.
        shrink: Decode JPEG files at a part of their size where it is not smaller than the pixels.
        steps: Arithmetic on the resized pixels: the steps, and three constants each, by channel.
    """

    channels_last: bool = False
    antialias: bool = True
    nearest: bool = False
    ratio: tuple[int, int] | None = None
    shrink: bool = False
    steps: tuple[tuple[PixelStep, tuple[float, ...]], ...] = field(default=())

    def add(self, step: PixelStep, constants: NDArray[np.float32]) -> FloatPlan:
        """Return a plan with another step of arithmetic, by float32 constants [3]."""
        return replace(self, steps=(*self.steps, (step, tuple(constants.tolist()))))

    @property
    def method(self) -> Resampling:
        """How the kernels resize."""
        if self.nearest:
            return Resampling.NEAREST
        return Resampling.ANTIALIASED if self.antialias else Resampling.BILINEAR


def fill_pixels(
    files: Any, plan: FloatPlan, pixels: NDArray[np.float32], threads: int | None = None
) -> list[int]:
    """Decode, crop, resize and scale image files of any sizes.

    Args:
        files: n files: an Arrow array of binary, or the bytes of each.
        plan: What is done to each.
        pixels: Filled: float32 [n, 3, height, width], or [n, height, width, 3].
        threads: The most threads, the caller's among them; by default one per CPU.

    Returns:
        The rows that were left out: missing or damaged files, and those that the kernels do not decode.
    """
    column = FileColumn.from_files(files)
    if plan.ratio is not None and max(plan.ratio) > _LARGEST_RATIO:
        return list(range(len(column)))
    open_libraries()
    ranges = column.divide()
    steps = np.array([step for step, _ in plan.steps], np.uint8)
    constants = np.array([each for _, each in plan.steps], np.float32).reshape(-1)

    def fill(rows: slice) -> NDArray[np.int64]:
        part, ratio = column.take(rows), plan.ratio or (0, 0)
        return _native.resize_images(
            part.offsets,
            part.data,
            pixels[rows],
            plan.channels_last,
            plan.method,
            ratio,
            plan.shrink,
            steps,
            constants,
        )

    return sorted({*list_rows(ranges, map_on_shared_threads(fill, ranges, threads)), *column.missing})
