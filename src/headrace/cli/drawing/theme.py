"""Colours and font of drawings."""

from __future__ import annotations

from pathlib import Path

from headrace.extras import require

require("matplotlib", extra="train", purpose="drawing images")

import matplotlib
from PIL import ImageFont

__all__ = ["BACKGROUND", "BORDER", "MUTED", "TEXT", "load_font"]

BACKGROUND, TEXT, MUTED, BORDER = "#ffffff", "#24292f", "#8c959f", "#d0d7de"


def load_font(size: int) -> ImageFont.FreeTypeFont:
    """Load a font that has Latin, Greek and Cyrillic letters and is the same on every machine.

    Args:
        size: In pixels.
    """
    path = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    return ImageFont.truetype(path, size)
