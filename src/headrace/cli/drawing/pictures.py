"""The pictures in the columns of a batch: pixels, encoded images, and the first image of films and lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.cli.drawing.formatting import format_text
from headrace.errors import RecordError
from headrace.images import decode_image, image_format

__all__ = ["Picture", "find_image_features", "read_pictures"]

_LABELS = ("label", "class", "category", "target", "image/class/label", "image/class/text")
_CHANNELS = (1, 2, 3, 4)
_LEAST_SIDE = 4  # of pixels that are not uint8; smaller tensors are matrices
_WHITE = {"uint8": 255.0, "uint16": 65535.0}  # of floats: 1
_DARK = 0.25  # of white: columns that are darker, such as masks of classes, are brightened

_Pixels = NDArray[Any]


@dataclass(frozen=True)
class Picture:
    """One image and its caption.

    Attributes:
        pixels: uint8 [height, width, channels]; None if the image is missing or cannot be decoded.
        caption: The label, or the number of the record; of several images, also how many there are.
    """

    pixels: NDArray[np.uint8] | None
    caption: str


def find_image_features(batch: pa.RecordBatch) -> list[str]:
    """Return the names of the columns that contain images.

    These are tensors of uint8 [height, width] or [height, width, channels], uint16 or float32 [height, width,
    1 or 3], encoded images, films [frames, height, width, channels], and lists of images.
    """
    return [
        field.name
        for field, column in zip(batch.schema, batch.columns, strict=True)
        if _is_pixels(field.type) or _is_encoded(column) or _is_list_of_images(column)
    ]


def read_pictures(batch: pa.RecordBatch, label: str = "") -> Iterator[Picture]:
    """Yield the images of all image features, record by record.

    Args:
        batch: The records.
        label: The column of the captions; a column such as "label" if it is empty or not there.
    """
    columns = [_scale([_read(value) for value in batch[name]]) for name in find_image_features(batch)]
    for row, caption in enumerate(_captions(batch, label)):
        for column in columns:
            pixels, count = column[row]
            yield Picture(pixels, caption if count < 2 else f"{caption} (1 of {count})")


def _is_pixels(type_: pa.DataType) -> bool:
    if not isinstance(type_, pa.FixedShapeTensorType):
        return False
    shape, values = type_.shape, type_.value_type
    if pa.types.is_uint8(values):
        return len(shape) == 2 or (len(shape) in (3, 4) and shape[-1] in _CHANNELS and 0 not in shape)
    is_deep = pa.types.is_uint16(values) or pa.types.is_float32(values)
    return is_deep and len(shape) == 3 and shape[2] in (1, 3) and min(shape[:2]) >= _LEAST_SIDE


def _is_encoded(column: pa.Array) -> bool:
    """Whether the first value of a column of bytes is an encoded image."""
    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        return False
    first = next((value.as_py() for value in column if value.is_valid), b"")
    return image_format(first) is not None


def _is_list_of_images(column: pa.Array) -> bool:
    """Whether a column has lists of encoded images, or of uint8 [height, width, channels] of one size."""
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        return False
    shape, values = _unnest(column.type.value_type)
    if pa.types.is_uint8(values):
        return len(shape) == 3 and shape[2] in _CHANNELS and 0 not in shape
    return _is_encoded(column.flatten())


def _unnest(type_: pa.DataType) -> tuple[list[int], pa.DataType]:
    """Return the sizes of nested lists of fixed size, and the type of the values."""
    shape: list[int] = []
    while pa.types.is_fixed_size_list(type_):
        shape, type_ = [*shape, type_.list_size], type_.value_type
    return shape, type_


def _read(value: pa.Scalar) -> tuple[_Pixels | None, int]:
    """Return the pixels [height, width, channels] of a value, the first of several images, and their number."""
    if not value.is_valid:
        return None, 1
    if isinstance(value.type, pa.FixedShapeTensorType):
        array = value.to_numpy()
        frames, array = (len(array), array[0]) if array.ndim == 4 else (1, array)
        return array.reshape(*array.shape[:2], -1), frames
    if not (pa.types.is_list(value.type) or pa.types.is_large_list(value.type)):
        return _decode(value), 1
    images = value.values
    if not len(images):
        return None, 0
    shape, _ = _unnest(images.type)
    if not shape:
        return _decode(images[0]), len(images)
    first = images.slice(0, 1)
    for _ in shape:
        first = first.flatten()
    return (first.to_numpy().reshape(shape) if not first.null_count else None), len(images)


def _decode(value: pa.Scalar) -> _Pixels | None:
    try:
        return decode_image(value.as_py(), channels=None) if value.is_valid else None
    except RecordError:
        return None


def _scale(column: Sequence[tuple[_Pixels | None, int]]) -> list[tuple[NDArray[np.uint8] | None, int]]:
    """Scale the values of a column to 8 bits: those of 16 bits, of floats, and dark ones, such as masks."""
    present = [pixels for pixels, _ in column if pixels is not None and pixels.size]
    if not present:
        return [(None, count) for _, count in column]
    finite = [pixels[np.isfinite(pixels)] for pixels in present]
    low = min((float(each.min()) for each in finite if each.size), default=0.0)
    high = max((float(each.max()) for each in finite if each.size), default=0.0)
    white = _WHITE.get(str(present[0].dtype), 1.0)
    if low >= 0 and high <= white:
        low, high = 0.0, high if high < _DARK * white else white
    if present[0].dtype == np.uint8 and high in (0, white):
        return list(column)
    factor = 255 / (high - low) if high > low else 0.0
    return [
        (None if pixels is None else _to_bytes((pixels.astype(np.float64) - low) * factor), count)
        for pixels, count in column
    ]


def _to_bytes(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.clip(np.nan_to_num(values, nan=0.0), 0, 255).round().astype(np.uint8)


def _captions(batch: pa.RecordBatch, label: str) -> list[str]:
    found = next((name for name in (label, *_LABELS) if name in batch.schema.names), None)
    if found is None:
        return [f"{row:,}" for row in range(batch.num_rows)]
    return [format_text(_text(value), 40) for value in batch[found].to_pylist()]


def _text(value: Any) -> str:
    return (
        value.decode(errors="replace") if isinstance(value, bytes) else "–" if value is None else str(value)
    )
