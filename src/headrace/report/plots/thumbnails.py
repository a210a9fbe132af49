"""Images of a row as small pictures."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from headrace.images import decode_image

__all__ = ["draw_thumbnail"]

LARGEST = 96  # pixels of a side


def draw_thumbnail(value: Any) -> bytes | None:
    """Draw an image, pixels or the bytes of a file, as a PNG of at most 96 pixels a side.

    Returns:
        The PNG; None for what is not an image.
    """
    pixels = decode_image(value) if isinstance(value, bytes) else _read_pixels(np.asarray(value))
    if pixels is None:
        return None
    image = Image.fromarray(pixels)
    image.thumbnail((LARGEST, LARGEST))
    file = BytesIO()
    image.save(file, format="PNG", optimize=True)
    return file.getvalue()


def _read_pixels(pixels: np.ndarray) -> np.ndarray | None:
    """Return pixels as uint8 [height, width] or [height, width, 3]."""
    if pixels.ndim == 3 and pixels.shape[0] in (1, 3) and pixels.shape[2] not in (1, 3):
        pixels = pixels.transpose(1, 2, 0)  # channels first
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.ndim != 2 and not (pixels.ndim == 3 and pixels.shape[2] == 3):
        return None
    if pixels.dtype.kind == "f":
        pixels = np.nan_to_num(pixels) * (255 if np.nanmax(pixels, initial=0) <= 1 else 1)
    return pixels.clip(0, 255).astype(np.uint8)
