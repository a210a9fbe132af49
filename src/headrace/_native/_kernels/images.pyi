"""Image files."""

import numpy as np
from numpy.typing import NDArray

from headrace._native._kernels.enums import Resampling
from headrace._native._kernels.framing import Bytes

def open_jpeg_library(module: bytes) -> bool:
    """Find libjpeg among the libraries of a loaded module, for all kernels of this process.

    Args:
        module: The module's path.

    Returns:
        Whether it was found, with the interface of libjpeg 6.2.
    """

def open_inflate_library(module: bytes) -> bool:
    """Find zlib among the libraries of a loaded module, or else by its usual name, for all kernels.

    Args:
        module: The module's path, or nothing.

    Returns:
        Whether it was found, with the interface of zlib 1.
    """

def decode_images(
    offsets: NDArray[np.int64], data: Bytes, pixels: NDArray[np.uint8], channels_last: bool
) -> NDArray[np.int64]:
    """Decode files of one size.

    Args:
        offsets: Where each file begins in `data`, and the last ends, [files + 1].
        data: The bytes.
        pixels: Filled, [files, height, width, channels], or [files, channels, height, width] with channels
            first; 1, 3 or 4 channels.
        channels_last: Which of the two.

    Returns:
        The files that were left out: they have another size or format, or need the decoder in Python.

    Raises:
        ValueError: Offsets that descend or leave `data`, or pixels of another shape.
    """

def resize_images(
    offsets: NDArray[np.int64],
    data: Bytes,
    pixels: NDArray[np.float32],
    channels_last: bool,
    method: Resampling,
    ratio: tuple[int, int],
    shrink: bool,
    steps: NDArray[np.uint8],
    constants: NDArray[np.float32],
) -> NDArray[np.int64]:
    """Decode files of any sizes, crop and resize them.

    Args:
        offsets: Where each file begins in `data`, and the last ends, [files + 1].
        data: The bytes.
        pixels: Filled, [files, height, width, 3], or [files, 3, height, width] with channels first.
        channels_last: Which of the two.
        method: How to resize.
        ratio: Cut the largest central part whose height and width are as these; zeros: do not cut.
        shrink: Decode JPEG files at 1/8, 1/4 or 1/2, the smallest whose part is not smaller than `pixels`.
        steps: Arithmetic on the resized pixels, `PixelStep`, [steps].
        constants: The constants of each step, by channel, [steps * 3].

    Returns:
        The files that were left out: they have another format, are very large, or need the decoder in Python.

    Raises:
        ValueError: Offsets that descend or leave `data`, or pixels, ratios or steps out of range.
    """
