"""Rows of pictures under titles, on one sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from headrace.cli.drawing.theme import FRAME, INK, PALE, PAPER, font

__all__ = ["Panel", "Tile", "colours", "greys", "overlay", "poster"]

_WIDTH, _MARGIN, _GAP, _TITLE, _CAPTION, _SPACE = 1264, 32, 8, 34, 24, 22  # pixels

Pixels = NDArray[np.uint8]  # [height, width, 3]


@dataclass(frozen=True)
class Tile:
    """A picture.

    Attributes:
        pixels: uint8 [height, width, 3].
        caption: What is written below; "" for nothing.
    """

    pixels: Pixels
    caption: str = ""


@dataclass(frozen=True)
class Panel:
    """Pictures of one kind.

    Attributes:
        title: What they are.
        tiles: The pictures, all of one size.
        columns: How many stand side by side.
    """

    title: str
    tiles: Sequence[Tile]
    columns: int


def _stretched(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """From 0 to 1, the two values in a hundred that are furthest out cut off."""
    low, high = np.percentile(values, [1, 99])
    if high <= low:
        low, high = values.min(), max(values.max(), values.min() + 1e-12)
    return np.clip((values - low) / (high - low), 0, 1)


def greys(values: NDArray[np.floating]) -> Pixels:
    """[height, width], or [3, height, width] as red, green and blue: the least black, the most white."""
    stretched = (_stretched(values) * 255).astype(np.uint8)
    return np.stack([stretched] * 3, axis=-1) if values.ndim == 2 else np.moveaxis(stretched, 0, -1)


def colours(values: NDArray[np.floating], scheme: str = "viridis") -> Pixels:
    """[height, width] by one of matplotlib's colour maps."""
    return (matplotlib.colormaps[scheme](_stretched(values))[..., :3] * 255).astype(np.uint8)


def overlay(pixels: Pixels, heat: NDArray[np.floating]) -> Pixels:
    """Heat from 0 to 1 over a picture's greys: what is cold stays grey."""
    grey = np.asarray(Image.fromarray(pixels).convert("L").convert("RGB"), np.float64)
    warm = matplotlib.colormaps["inferno"](0.25 + 0.7 * heat)[..., :3] * 255
    share = np.clip(heat, 0, 1)[..., None] * 0.75
    return (grey * (1 - share) + warm * share).astype(np.uint8)


def _tile_width(panel: Panel) -> int:
    return (_WIDTH - 2 * _MARGIN - (panel.columns - 1) * _GAP) // panel.columns


def _scaled(pixels: Pixels, width: int) -> Image.Image:
    """To the width; small pictures keep sharp pixels."""
    image = Image.fromarray(pixels)
    size = width, max(1, round(width * image.height / image.width))
    small = image.width * 2 <= width
    return image.resize(size, Image.Resampling.NEAREST if small else Image.Resampling.LANCZOS)


def _row_height(panel: Panel) -> int:
    heights = [_scaled(tile.pixels, _tile_width(panel)).height for tile in panel.tiles]
    captions = any(tile.caption for tile in panel.tiles)
    return max(heights) + _GAP + (_CAPTION if captions else 0)


def _rows(panel: Panel) -> int:
    return -(-len(panel.tiles) // panel.columns)


def _draw_panel(sheet: Image.Image, panel: Panel, top: int) -> int:
    """Where the next panel begins."""
    draw = ImageDraw.Draw(sheet)
    draw.text((_MARGIN, top + 2), panel.title, fill=INK, font=font(17))
    top += _TITLE
    width, height = _tile_width(panel), _row_height(panel)
    for number, tile in enumerate(panel.tiles):
        row, column = divmod(number, panel.columns)
        image, left = _scaled(tile.pixels, width), _MARGIN + column * (width + _GAP)
        corner = left, top + row * height
        sheet.paste(image, corner)
        edges = (left - 1, corner[1] - 1, left + image.width, corner[1] + image.height)
        draw.rectangle(edges, outline=FRAME)
        middle = left + width // 2, top + row * height + image.height + _CAPTION // 2 + 2
        draw.text(middle, tile.caption, fill=PALE, font=font(14), anchor="mm")
    return top + _rows(panel) * height + _SPACE


def poster(panels: Iterable[Panel]) -> Image.Image:
    """All panels, one below the other, on white."""
    shown = [panel for panel in panels if panel.tiles]
    height = sum(_TITLE + _rows(panel) * _row_height(panel) + _SPACE for panel in shown)
    sheet = Image.new("RGB", (_WIDTH, 2 * _MARGIN + height - _SPACE), PAPER)
    top = _MARGIN
    for panel in shown:
        top = _draw_panel(sheet, panel, top)
    return sheet
