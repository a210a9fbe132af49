"""Contact sheets: many images on one, with a label below each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from headrace.cli.drawing.formatting import format_text
from headrace.cli.drawing.theme import BACKGROUND, BORDER, MUTED, TEXT, load_font
from headrace.errors import RecordError
from headrace.images import decode_image, image_format

__all__ = ["Picture", "draw_contact_sheet", "find_image_features", "read_pictures"]

_SIDE, _GAP, _MARGIN, _CAPTION = 128, 16, 32, 24  # pixels
_LABELS = ("label", "class", "category", "target", "image/class/label", "image/class/text")


@dataclass(frozen=True)
class Picture:
    """One image and its caption.

    Attributes:
        pixels: uint8 [height, width, channels]; None if the image is missing or cannot be decoded.
        caption: The label, or the number of the record.
    """

    pixels: NDArray[np.uint8] | None
    caption: str


def _is_pixels(type_: pa.DataType) -> bool:
    """Whether the type is uint8 [height, width] or [height, width, channels]."""
    if not isinstance(type_, pa.FixedShapeTensorType) or not pa.types.is_uint8(type_.value_type):
        return False
    return len(type_.shape) == 2 or (len(type_.shape) == 3 and type_.shape[2] in (1, 2, 3, 4))


def _is_encoded(column: pa.Array) -> bool:
    """Whether the first value of a column of bytes is an encoded image."""
    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        return False
    first = next((value.as_py() for value in column if value.is_valid), b"")
    return image_format(first) is not None


def find_image_features(batch: pa.RecordBatch) -> list[str]:
    """Return the names of the columns that contain images: pixels, or encoded images."""
    return [
        field.name
        for field, column in zip(batch.schema, batch.columns, strict=True)
        if _is_pixels(field.type) or _is_encoded(column)
    ]


def _pixels(value: pa.Scalar) -> NDArray[np.uint8] | None:
    if not value.is_valid:
        return None
    if isinstance(value.type, pa.FixedShapeTensorType):
        array = value.to_numpy()
        return array.reshape(*array.shape[:2], -1)
    try:
        return decode_image(value.as_py(), channels=None)
    except RecordError:
        return None


def _captions(batch: pa.RecordBatch) -> list[str]:
    label = next((name for name in _LABELS if name in batch.schema.names), None)
    if label is None:
        return [f"{row:,}" for row in range(batch.num_rows)]
    return [format_text(_text(value), 40) for value in batch[label].to_pylist()]


def _text(value: Any) -> str:
    return (
        value.decode(errors="replace") if isinstance(value, bytes) else "–" if value is None else str(value)
    )


def read_pictures(batch: pa.RecordBatch) -> Iterator[Picture]:
    """Yield the images of all image features, record by record."""
    features = [batch[name] for name in find_image_features(batch)]
    for row, caption in enumerate(_captions(batch)):
        for column in features:
            yield Picture(_pixels(column[row]), caption)


def _thumbnail(pixels: NDArray[np.uint8]) -> Image.Image:
    """Resize an image to fit its cell; small images by an integer factor, so that pixels stay sharp."""
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).convert("RGBA")
    longest = max(image.size)
    if longest > _SIDE:
        ratio = _SIDE / longest
        size = max(1, round(image.width * ratio)), max(1, round(image.height * ratio))
        return image.resize(size, Image.Resampling.LANCZOS)
    factor = _SIDE // longest
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)


def _draw(sheet: Image.Image, draw: ImageDraw.ImageDraw, picture: Picture, left: int, top: int) -> None:
    if picture.pixels is None or not picture.pixels.size:
        draw.rectangle((left, top, left + _SIDE - 1, top + _SIDE - 1), outline=BORDER)
        middle = left + _SIDE // 2, top + _SIDE // 2
        draw.text(middle, "no image", fill=MUTED, font=load_font(13), anchor="mm")
    else:
        image = _thumbnail(picture.pixels)
        place = left + (_SIDE - image.width) // 2, top + (_SIDE - image.height) // 2
        sheet.paste(image, place, image)
    below = left + _SIDE // 2, top + _SIDE + _CAPTION // 2 + 2
    draw.text(below, _truncate(draw, picture.caption), fill=TEXT, font=load_font(14), anchor="mm")


def _truncate(draw: ImageDraw.ImageDraw, text: str) -> str:
    """Truncate a caption to the width of a cell."""
    face = load_font(14)
    if draw.textlength(text, face) <= _SIDE:
        return text
    while text and draw.textlength(text + "…", face) > _SIDE:
        text = text[:-1]
    return text + "…"


def draw_contact_sheet(pictures: Sequence[Picture], columns: int = 8) -> Image.Image:
    """Draw pictures in rows of at most `columns`."""
    columns = max(1, min(columns, len(pictures)))
    rows = -(-len(pictures) // columns)
    width = 2 * _MARGIN + columns * (_SIDE + _GAP) - _GAP
    height = 2 * _MARGIN + rows * (_SIDE + _CAPTION + _GAP) - _GAP
    sheet = Image.new("RGB", (width, height), BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    for number, picture in enumerate(pictures):
        row, column = divmod(number, columns)
        left, top = _MARGIN + column * (_SIDE + _GAP), _MARGIN + row * (_SIDE + _CAPTION + _GAP)
        _draw(sheet, draw, picture, left, top)
    return sheet
