"""Contact sheets: many images on one, with a label below each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from headrace.cli.drawing.pictures import Picture
from headrace.cli.drawing.theme import BACKGROUND, BORDER, MUTED, TEXT, load_font

__all__ = ["draw_contact_sheet"]

_SIDE, _GAP, _MARGIN, _CAPTION = 128, 16, 32, 24  # pixels


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
