"""Decode JPEG, PNG, BMP, GIF, WebP, TIFF and AVIF files in memory to pixels, and encode JPEG and PNG.

`decode_image` is the one decoder: training, `headrace predict` and servers see the same pixels of a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.images.formats import (
    NAMES_OF_FORMATS,
    describe_other,
    find_unknown_format,
    has_image_extension,
    image_format,
)
from headrace.images.limits import PIXEL_LIMIT
from headrace.lazy_names import load_on_use as _load_on_use

if TYPE_CHECKING:
    from headrace.images.decode import convert_image, decode_image, image_shape
    from headrace.images.decode_batch import decode_images
    from headrace.images.encode import encode_jpeg, encode_png
    from headrace.images.float_pixels import FloatPlan, PixelStep, fill_pixels
    from headrace.images.resize_batch import resize_images

__all__ = [
    "NAMES_OF_FORMATS",
    "PIXEL_LIMIT",
    "FloatPlan",
    "PixelStep",
    "convert_image",
    "decode_image",
    "decode_images",
    "describe_other",
    "encode_jpeg",
    "encode_png",
    "fill_pixels",
    "find_unknown_format",
    "has_image_extension",
    "image_format",
    "image_shape",
    "resize_images",
]

__getattr__, __dir__ = _load_on_use(  # what loads Pillow
    __name__,
    {
        "convert_image": "decode",
        "decode_image": "decode",
        "decode_images": "decode_batch",
        "encode_jpeg": "encode",
        "encode_png": "encode",
        "FloatPlan": "float_pixels",
        "PixelStep": "float_pixels",
        "fill_pixels": "float_pixels",
        "image_shape": "decode",
        "resize_images": "resize_batch",
    },
)
