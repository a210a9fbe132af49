"""Decode JPEG, PNG, BMP, GIF, WebP, TIFF and AVIF files in memory to pixels, and encode JPEG and PNG.

`decode_image` is the one decoder: training, `headrace predict` and servers see the same pixels of a file.
"""

from headrace.images.decode import decode_image, image_shape
from headrace.images.encode import encode_jpeg, encode_png
from headrace.images.formats import NAMES_OF_FORMATS, find_unknown_format, image_format
from headrace.images.limits import PIXEL_LIMIT

__all__ = [
    "NAMES_OF_FORMATS",
    "PIXEL_LIMIT",
    "decode_image",
    "encode_jpeg",
    "encode_png",
    "find_unknown_format",
    "image_format",
    "image_shape",
]
