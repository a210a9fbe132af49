"""Kernels over batches of images."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headrace._native._kernels.enums import PixelFill

def augment_images(
    images: NDArray[Any],
    out: NDArray[Any],
    maps: NDArray[np.float64],
    fill: PixelFill,
    fill_values: NDArray[np.float32],
    blocks: tuple[int, int],
    ops: NDArray[np.uint8],
    values: NDArray[np.float32],
    unit: float,
    limits: tuple[float, float],
    holes: NDArray[np.int64],
    hole_values: NDArray[np.float32],
    threads: int,
) -> None:
    """Augment each image of a batch: move pixels, change values, clip and round, cut out rectangles.

    Images are computed as float32 values and rounded once, half to even. One thread computes an image, so the
    result does not depend on the number of threads.

    Args:
        images: uint8 or float32 [N, channels, height, width].
        out: The result, of the same type, [N, channels, new height, new width].
        maps: Affine maps from output to input positions, relative to the centres, x first: [N, 6], the two
            rows of each; [0, 6] if nothing moves. Flips and shifts by whole pixels copy, others interpolate.
        fill: Pixels outside the image.
        fill_values: Values of `PixelFill.CONSTANT`, [channels].
        blocks: Height and width of blocks of pixels that are averaged before resampling.
        ops: Members of `ColourOp`, [steps, N].
        values: Their parameters, [steps, N, width].
        unit: The value of full intensity: 255 for uint8, 1 for float32.
        limits: The range that values are clipped to, for uint8 within 0 to 255.
        holes: Rectangles to cut out: top, bottom, left and right, [holes, N, 4].
        hole_values: Their values, [holes, channels].
        threads: The largest number of threads to use.

    Raises:
        ValueError: The arguments do not fit each other.
    """
