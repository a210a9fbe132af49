"""Find the libraries that the kernels decode images with: those of Pillow and of Python's zlib."""

from __future__ import annotations

import zlib
from functools import cache

import numpy as np
import simplejpeg
from PIL import _imaging

from headrace._native import decode_images, open_inflate_library, open_jpeg_library

__all__ = ["has_jpeg_library", "has_png_library", "open_libraries"]


@cache
def has_jpeg_library() -> bool:
    """Open the libjpeg of Pillow for the kernels; return whether it decodes as TurboJPEG does.

    Wheels of Pillow for Linux and macOS ship it beside their modules. Where it is linked into a module, as on
    Windows, or decodes to other values, JPEG files are decoded one by one.
    """
    place = getattr(_imaging, "__file__", None)
    if place is None or not open_jpeg_library(place.encode()):
        return False
    ramp = np.arange(24 * 24 * 3).reshape(24, 24, 3)
    for subsampling in ("444", "422", "420"):
        data = simplejpeg.encode_jpeg((ramp * 37 % 251).astype(np.uint8), 90, "RGB", subsampling)
        pixels = np.zeros((1, 24, 24, 3), np.uint8)
        left = decode_images(np.array([0, len(data)]), np.frombuffer(data, np.uint8), pixels, True)
        if len(left) or not np.array_equal(pixels[0], simplejpeg.decode_jpeg(data)):
            return False
    return True


@cache
def has_png_library() -> bool:
    """Open zlib for the kernels; return whether it was found. Without, PNG files are decoded one by one."""
    return open_inflate_library((getattr(zlib, "__file__", None) or "").encode())


def open_libraries() -> None:
    """Open the libraries that are there; the kernels leave out the files of the others."""
    has_jpeg_library()
    has_png_library()
