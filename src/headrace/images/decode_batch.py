"""Decode many image files into the memory of one batch, on several threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headrace import _native
from headrace.errors import RecordError, SchemaError, UsageError
from headrace.images.decode import decode_image, image_shape
from headrace.images.file_columns import FileColumn, list_rows
from headrace.images.libraries import open_libraries
from headrace.parallel import allocate_array, map_on_shared_threads

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["decode_images", "decode_row"]


def decode_images(
    files: pa.Array | Sequence[bytes],
    channels: int = 3,
    *,
    channels_last: bool = True,
    threads: int | None = None,
) -> NDArray[np.uint8]:
    """Decode image files of one size to upright pixels, into one array.

    The pixels are those of `decode_image`. JPEG files, and PNG files of 8 bits without a palette, are decoded
    by native code on several threads; all others one by one.

    Args:
        files: n files: an Arrow array of binary, without nulls, or the bytes of each.
        channels: 3 for red-green-blue, 1 for gray, 4 for alpha.
        channels_last: Whether the channels are the last dimension, or the one before the height.
        threads: The most threads to decode on, the caller's among them; by default one per CPU.

    Returns:
        uint8 [n, height, width, channels], or [n, channels, height, width].

    Raises:
        RecordError: `decode_image` refuses a file; names its row.
        UsageError: Another number of channels.
        SchemaError: Not a column of files, no file at all, or files of several sizes.

    Example:
        >>> from headrace.images import encode_png
        >>> decode_images([encode_png(np.zeros((2, 3), np.uint8))] * 4).shape
        (4, 2, 3, 3)
    """
    if channels not in (1, 3, 4):
        hint = "convert the pixels after decoding"
        raise UsageError(f"expected 1, 3 or 4 channels, got {channels}", hint=hint)
    column = FileColumn.from_files(files)
    if not len(column):
        raise SchemaError("expected at least one image, got none", hint="skip empty batches")
    if column.missing:
        hint = "drop the rows without an image"
        raise RecordError("the image is missing", record=column.missing[0], hint=hint)
    height, width = _read_size(column)
    shape = (height, width, channels) if channels_last else (channels, height, width)
    pixels = allocate_array((len(column), *shape), np.uint8)
    ranges = column.divide()

    def decode(rows: slice) -> NDArray[np.int64]:
        part = column.take(rows)
        return _native.decode_images(part.offsets, part.data, pixels[rows], channels_last)

    open_libraries()
    for row in list_rows(ranges, map_on_shared_threads(decode, ranges, threads)):
        image = decode_row(column, row, channels)
        if image.shape[:2] != (height, width):
            what = f"expected images of {height} x {width} pixels, got {image.shape[0]} x {image.shape[1]}"
            raise SchemaError(what, record=row, hint="resize them by resize_images")
        pixels[row] = image if channels_last else np.moveaxis(image, -1, 0)
    return pixels


def _read_size(column: FileColumn) -> tuple[int, int]:
    try:
        return image_shape(column.read(0))[:2]
    except RecordError as error:
        raise RecordError(error.what, path=error.path, record=0, hint=error.hint) from error


def decode_row(column: FileColumn, row: int, channels: int = 3) -> NDArray[np.uint8]:
    """Decode one file alone.

    Raises:
        RecordError: See `decode_image`; names the row.
    """
    try:
        return decode_image(column.read(row), channels)
    except RecordError as error:
        raise RecordError(error.what, path=error.path, record=row, hint=error.hint) from error
