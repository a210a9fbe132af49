"""The paper that pictures are drawn on: its colours, and the letters."""

from __future__ import annotations

from pathlib import Path

from headrace.extras import require

require("matplotlib", extra="train", purpose="drawing images")

import matplotlib
from PIL import ImageFont

__all__ = ["FRAME", "INK", "PALE", "PAPER", "font"]

PAPER, INK, PALE, FRAME = "#ffffff", "#24292f", "#8c959f", "#d0d7de"


def font(size: int) -> ImageFont.FreeTypeFont:
    """One that draws Latin, Greek and Cyrillic alike on every machine."""
    path = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    return ImageFont.truetype(path, size)
