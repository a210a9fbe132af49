"""Decode and resize many image files of any sizes into one array, on several threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headrace.arguments import check_integer
from headrace.errors import RecordError, UsageError
from headrace.images.decode_batch import decode_row
from headrace.images.encode import encode_png
from headrace.images.file_columns import FileColumn
from headrace.images.float_pixels import FloatPlan, PixelStep, fill_pixels
from headrace.parallel import allocate_array

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["resize_images"]

_LARGEST = 1 << 16


def resize_images(
    files: pa.Array | Sequence[bytes],
    height: int,
    width: int,
    *,
    scale: float = 1.0,
    mean: float | Sequence[float] = 0.0,
    deviation: float | Sequence[float] = 1.0,
    antialias: bool = True,
    crop: bool = False,
    channels_last: bool = False,
    shrink: bool = False,
    threads: int | None = None,
) -> NDArray[np.float32]:
    """Decode image files of any sizes and resize them, as `hr.transform.resize` does, into one array.

    Values are (pixel * scale - mean) / deviation, in float32.

    Args:
        files: n files: an Arrow array of binary, or the bytes of each.
        height: The height of the result, in pixels.
        width: Its width.
        scale: What pixels of 0 to 255 are multiplied by, such as 1 / 255.
        mean: One number per channel, or one for all.
        deviation: One number per channel, or one for all.
        antialias: Average over all input pixels when shrinking.
        crop: Resize the largest central part with the proportions of the result, not the whole image.
        channels_last: Whether the channels are the last dimension, or come before the height.
        shrink: Let the decoder scale JPEG files by 1/8, 1/4 or 1/2: the smallest at which both sides of the
            image, or of its part, are at least `height` and `width`. This is faster for photographs, but its
            values differ from those of a transform and of the exported model, most at sharp edges.
        threads: The most threads, the caller's among them; by default one per CPU.

    Returns:
        float32 [n, 3, height, width], or [n, height, width, 3].

    Raises:
        RecordError: `decode_image` refuses a file, or a file is missing; names its row.
        SchemaError: Not a column of files.
        UsageError: A size below 1 or above 65,536, or means or deviations that are not numbers.

    Example:
        >>> from headrace.images import encode_png
        >>> resize_images([encode_png(np.full((2, 3), 255, np.uint8))], 1, 1, scale=1 / 255).tolist()
        [[[[1.0]], [[1.0]], [[1.0]]]]
    """
    size = (check_integer(height, "height", 1, _LARGEST), check_integer(width, "width", 1, _LARGEST))
    plan = FloatPlan(channels_last, antialias, ratio=size if crop else None, shrink=shrink)
    for step, name, value in (
        (PixelStep.MULTIPLY, "scale", scale),
        (PixelStep.SUBTRACT, "mean", mean),
        (PixelStep.DIVIDE, "deviation", deviation),
    ):
        plan = plan.add(step, _read_constants(name, value))
    column = FileColumn.from_files(files)
    if column.missing:
        hint = "drop the rows without an image"
        raise RecordError("the image is missing", record=column.missing[0], hint=hint)
    shape = (*size, 3) if channels_last else (3, *size)
    pixels = allocate_array((len(column), *shape), np.float32)
    for row in fill_pixels(files, plan, pixels, threads):
        plain = encode_png(decode_row(column, row))  # which the kernels decode
        if fill_pixels([plain], plan, pixels[row : row + 1], 1):
            what = f"expected sides of at most {_LARGEST:,} pixels"
            raise RecordError(what, record=row, hint="scale the image down")
    return pixels


def _read_constants(name: str, value: float | Sequence[float]) -> NDArray[np.float32]:
    try:
        constants = np.asarray(value, np.float32).reshape(-1)
    except (TypeError, ValueError):
        constants = np.zeros(0, np.float32)
    if len(constants) not in (1, 3) or not np.isfinite(constants).all():
        raise UsageError(
            f"{name}: expected one number or three, got {value}", hint="pass one for each channel"
        )
    return np.broadcast_to(constants, 3)
