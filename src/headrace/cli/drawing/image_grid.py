"""Image grids: titled panels of pictures on one sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from headrace.cli.drawing.theme import BACKGROUND, BORDER, MUTED, TEXT, load_font

__all__ = ["Panel", "Tile", "draw_image_grid", "overlay", "to_colours", "to_grey"]

_WIDTH, _MARGIN, _GAP, _TITLE, _CAPTION, _SPACE = 1264, 32, 8, 34, 24, 22  # pixels

Pixels = NDArray[np.uint8]  # [height, width, 3]


@dataclass(frozen=True)
class Tile:
    """One picture and its caption.

    Attributes:
        pixels: uint8 [height, width, 3].
        caption: The text below the picture; may be empty.
    """

    pixels: Pixels
    caption: str = ""


@dataclass(frozen=True)
class Panel:
    """A titled grid of pictures.

    Attributes:
        title: The text above the pictures.
        tiles: The pictures, all of the same size.
        columns: The number of pictures per row.
    """

    title: str
    tiles: Sequence[Tile]
    columns: int


def _normalize(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Scale values to [0, 1], with the lowest and highest percent clipped."""
    low, high = np.percentile(values, [1, 99])
    if high <= low:
        low, high = values.min(), max(values.max(), values.min() + 1e-12)
    return np.clip((values - low) / (high - low), 0, 1)


def to_grey(values: NDArray[np.floating]) -> Pixels:
    """Map values to pixels from black to white.

    Args:
        values: [height, width], or [3, height, width] as red, green and blue.
    """
    pixels = (_normalize(values) * 255).astype(np.uint8)
    return np.stack([pixels] * 3, axis=-1) if values.ndim == 2 else np.moveaxis(pixels, 0, -1)


def to_colours(values: NDArray[np.floating], scheme: str = "viridis") -> Pixels:
    """Map values, [height, width], to pixels by a colour map of matplotlib."""
    return (matplotlib.colormaps[scheme](_normalize(values))[..., :3] * 255).astype(np.uint8)


def overlay(pixels: Pixels, heat: NDArray[np.floating]) -> Pixels:
    """Draw a heat map over a picture in shades of grey.

    Args:
        pixels: The picture.
        heat: [height, width], from 0 (transparent) to 1.
    """
    grey = np.asarray(Image.fromarray(pixels).convert("L").convert("RGB"), np.float64)
    warm = matplotlib.colormaps["inferno"](0.25 + 0.7 * heat)[..., :3] * 255
    share = np.clip(heat, 0, 1)[..., None] * 0.75
    return (grey * (1 - share) + warm * share).astype(np.uint8)


def _tile_width(panel: Panel) -> int:
    return (_WIDTH - 2 * _MARGIN - (panel.columns - 1) * _GAP) // panel.columns


def _scale(pixels: Pixels, width: int) -> Image.Image:
    """Resize a picture to a width; pixels of small pictures stay sharp."""
    image = Image.fromarray(pixels)
    size = width, max(1, round(width * image.height / image.width))
    small = image.width * 2 <= width
    return image.resize(size, Image.Resampling.NEAREST if small else Image.Resampling.LANCZOS)


def _row_height(panel: Panel) -> int:
    heights = [_scale(tile.pixels, _tile_width(panel)).height for tile in panel.tiles]
    captions = any(tile.caption for tile in panel.tiles)
    return max(heights) + _GAP + (_CAPTION if captions else 0)


def _rows(panel: Panel) -> int:
    return -(-len(panel.tiles) // panel.columns)


def _draw_panel(sheet: Image.Image, panel: Panel, top: int) -> int:
    """Draw a panel; return the top of the next one."""
    draw = ImageDraw.Draw(sheet)
    draw.text((_MARGIN, top + 2), panel.title, fill=TEXT, font=load_font(17))
    top += _TITLE
    width, height = _tile_width(panel), _row_height(panel)
    for number, tile in enumerate(panel.tiles):
        row, column = divmod(number, panel.columns)
        image, left = _scale(tile.pixels, width), _MARGIN + column * (width + _GAP)
        corner = left, top + row * height
        sheet.paste(image, corner)
        edges = (left - 1, corner[1] - 1, left + image.width, corner[1] + image.height)
        draw.rectangle(edges, outline=BORDER)
        middle = left + width // 2, top + row * height + image.height + _CAPTION // 2 + 2
        draw.text(middle, tile.caption, fill=MUTED, font=load_font(14), anchor="mm")
    return top + _rows(panel) * height + _SPACE


def draw_image_grid(panels: Iterable[Panel]) -> Image.Image:
    """Draw panels one below the other; empty panels are omitted."""
    shown = [panel for panel in panels if panel.tiles]
    height = sum(_TITLE + _rows(panel) * _row_height(panel) + _SPACE for panel in shown)
    sheet = Image.new("RGB", (_WIDTH, 2 * _MARGIN + height - _SPACE), BACKGROUND)
    top = _MARGIN
    for panel in shown:
        top = _draw_panel(sheet, panel, top)
    return sheet
