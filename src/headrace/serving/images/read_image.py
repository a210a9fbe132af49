"""One image in any form as pixels: uint8 [height, width, 3]."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headrace import images
from headrace.errors import RecordError, SchemaError
from headrace.storage import expand_home, file_size, read_bytes

__all__ = ["is_file", "is_image", "read_image"]

_LARGEST = 256 << 20  # bytes of a file
_FORMS = "a path, the bytes of a file, an image of Pillow or uint8 [height, width, 3]"


def is_file(value: Any) -> bool:
    """Return whether a value is an image file or an image of Pillow, not an array."""
    if isinstance(value, str | bytes | bytearray | memoryview | os.PathLike):
        return True
    if isinstance(value, Mapping):
        return set(value) <= {"bytes", "path"} and len(value) > 0
    return _is_pillow(value)


def is_image(value: Any) -> bool:
    """Return whether a value is one image, not a list or an array of several."""
    return is_file(value) or getattr(value, "ndim", None) in (2, 3)


def read_image(value: Any) -> NDArray[np.uint8]:
    """Read an image, by the rule of `headrace.images.decode_image`: uint8 [height, width, 3].

    Args:
        value: A path, a URL that fsspec knows or a data URL; bytes of a file; a dict of `bytes` or `path`, as
            `datasets` has it; an image of Pillow; pixels [height, width] or [height, width, channels].

    Raises:
        RecordError: The file cannot be decoded; names it.
        UsageError: The file cannot be read.
        SchemaError: The value is something else.
    """
    if isinstance(value, Mapping) and set(value) <= {"bytes", "path"}:
        data, path = value.get("bytes"), value.get("path")
        value = path if data is None else data
    if value is None:
        raise RecordError("the image is missing", hint="drop the rows without an image")
    if isinstance(value, bytes | bytearray | memoryview):
        return images.decode_image(bytes(value))
    if isinstance(value, str) and value.startswith("data:"):
        return images.decode_image(_read_data_url(value))
    if isinstance(value, str | os.PathLike):
        return _read_file(value)
    image: Any = value
    return images.convert_image(image) if _is_pillow(image) else _read_pixels(image)


def _is_pillow(value: Any) -> bool:
    return hasattr(value, "convert") and hasattr(value, "getbands")


def _read_file(path: str | os.PathLike[str]) -> NDArray[np.uint8]:
    name = expand_home(path)
    if (file_size(name) or 0) > _LARGEST:
        raise RecordError("the image is larger than 256 MiB", path=name, hint="scale it down")
    data = read_bytes(name)
    try:
        return images.decode_image(data)
    except RecordError as error:
        raise RecordError(error.what, path=name, hint=error.hint) from error


def _read_data_url(url: str) -> bytes:
    head, _, data = url.partition(",")
    try:
        if not head.endswith(";base64"):
            raise ValueError("expected base64")
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RecordError(
            f"not a data URL of an image ({error})", hint="write data:image/png;base64,..."
        ) from error


def _read_pixels(value: Any) -> NDArray[np.uint8]:
    array = value.detach().cpu().numpy() if hasattr(value, "detach") else value
    try:
        pixels: NDArray[Any] = np.asarray(array)
    except ValueError as error:  # lists of several lengths
        raise SchemaError(
            f"expected {_FORMS}, got lists of several lengths", hint="pass one image"
        ) from error
    shown = f"{pixels.dtype} {list(pixels.shape)}"
    if pixels.ndim == 3 and pixels.shape[2] not in (1, 2, 3, 4) and pixels.shape[0] in (1, 3):
        hint = "move the channels to the end: image.transpose(1, 2, 0)"
        raise SchemaError(f"expected {_FORMS}, got {shown}", hint=hint)
    if pixels.ndim not in (2, 3) or not pixels.size or (pixels.ndim == 3 and pixels.shape[2] > 4):
        raise SchemaError(f"expected {_FORMS}, got {shown}", hint="pass one image")
    if pixels.dtype != np.uint8:
        if pixels.dtype.kind not in "iu" or pixels.min() < 0 or pixels.max() > 255:
            hint = "pass whole numbers from 0 to 255; the model scales them itself"
            raise SchemaError(f"expected {_FORMS}, got {shown}", hint=hint)
        pixels = pixels.astype(np.uint8)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    grey = pixels.shape[2] in (1, 2)  # the second is alpha
    return np.repeat(pixels[:, :, :1], 3, axis=2) if grey else np.ascontiguousarray(pixels[:, :, :3])
