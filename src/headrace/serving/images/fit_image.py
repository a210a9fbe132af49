"""Pixels for a model that takes images of one size, and does not resize them itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headrace.serving.signature import Input
from headrace.source_line import warn_user

__all__ = ["fit_images", "takes_pixels"]

_CHANNELS = (1, 3)


def takes_pixels(column: Input) -> bool:
    """Return whether an input is uint8 pixels of one size, grey or red-green-blue."""
    if column.encoding is not None or column.type != "uint8" or None in column.shape:
        return False
    rank = len(column.shape)
    return rank == 2 or (rank == 3 and (column.shape[2] in _CHANNELS or column.shape[0] in _CHANNELS))


def fit_images(images: Sequence[NDArray[np.uint8]], column: Input) -> NDArray[np.uint8]:
    """Fit decoded images to the shape of an input: uint8 [rows, *shape].

    Colours become grey (ITU-R BT.601), and images of another size are resized, bilinearly, without keeping
    the aspect ratio; a warning says so.
    """
    from PIL import Image  # loads many modules

    shape = tuple(size or 1 for size in column.shape)
    is_first = len(shape) == 3 and shape[2] not in _CHANNELS
    height, width = shape[1:] if is_first else shape[:2]
    is_grey = len(shape) == 2 or (shape[0] if is_first else shape[2]) == 1
    result = np.zeros((len(images), *shape), np.uint8)
    changes = set[str]()
    for row, pixels in enumerate(images):
        image = Image.fromarray(pixels)
        if is_grey:
            if (pixels != pixels[:, :, :1]).any():
                changes.add("made grey")
            image = image.convert("L")
        if pixels.shape[:2] != (height, width):
            changes.add(f"resized to {width} x {height}")
            image = image.resize((width, height), Image.Resampling.BILINEAR)
        fitted = np.asarray(image).reshape(height, width, -1)
        result[row] = np.moveaxis(fitted, -1, 0) if is_first else fitted.reshape(shape)
    if changes:
        what = f"the model takes uint8 {list(shape)}: images are {' and '.join(sorted(changes))}"
        warn_user(f"{column.name}: {what}")
    return result
