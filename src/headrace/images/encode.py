"""Encode pixels as JPEG and PNG files."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from headrace.errors import SchemaError, UsageError

__all__ = ["encode_jpeg", "encode_png"]


def _pixels(image: Any, channels: tuple[int, ...], format_: str) -> NDArray[np.uint8]:
    """Check pixels, and convert them to a contiguous array [height, width, channels]."""
    pixels: NDArray[Any] = np.asarray(image)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in channels or not pixels.size:
        what = f"{format_} expects uint8 [height, width, {'|'.join(map(str, channels))}], got"
        raise SchemaError(f"{what} {pixels.dtype} {list(pixels.shape)}", hint="cast and reshape the image")
    return np.ascontiguousarray(pixels)


def encode_jpeg(image: Any, quality: int = 95) -> bytes:
    """Encode pixels as JPEG, colours at half resolution (4:2:0) like `tf.io.encode_jpeg`.

    Args:
        image: uint8 [height, width], [height, width, 1] or [height, width, 3].
        quality: From 1 to 100.

    Raises:
        SchemaError: Another dtype or shape, or a side above 65,535.
        UsageError: Another quality.

    Example:
        >>> from headrace.images import image_shape
        >>> image_shape(encode_jpeg(np.zeros((8, 16, 3), np.uint8)))
        (8, 16, 3)
    """
    if not 1 <= quality <= 100:
        raise UsageError(f"expected a quality from 1 to 100, got {quality}", hint="pass quality=95")
    pixels = _pixels(image, (1, 3), "JPEG")
    if max(pixels.shape) > 65_500:
        raise SchemaError(
            f"expected sides of at most 65,500, got {list(pixels.shape)}", hint="scale the image down"
        )
    colours, subsampling = ("GRAY", "Gray") if pixels.shape[2] == 1 else ("RGB", "420")
    return simplejpeg.encode_jpeg(pixels, quality, colours, subsampling)


def encode_png(image: Any) -> bytes:
    """Encode pixels as PNG, without loss.

    Args:
        image: uint8 [height, width] or [height, width, channels]; 1 to 4 channels.

    Raises:
        SchemaError: Another dtype or shape.

    Example:
        >>> from headrace.images import decode_image
        >>> decode_image(encode_png(np.array([[7, 9]], np.uint8)), channels=1).tolist()
        [[[7], [9]]]
    """
    pixels = _pixels(image, (1, 2, 3, 4), "PNG")
    file = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(file, "PNG")
    return file.getvalue()
