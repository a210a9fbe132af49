"""How all plots look: their colours, axes, numbers and files."""

from __future__ import annotations

import re
from io import BytesIO, StringIO

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = [
    "CLASS_COLOURS",
    "GRID",
    "INK",
    "MUTED",
    "TRAIN",
    "VALIDATION",
    "WRONG",
    "format_number",
    "format_tick",
    "render_png",
    "render_svg",
    "style_axes",
]

INK, MUTED, GRID = "#12303b", "#5d7681", "#e3ebee"
TRAIN, VALIDATION, WRONG = "#8fb4c2", "#0b7a92", "#c8452f"
CLASS_COLOURS = ("#0b7a92", "#c8452f", "#b58a12", "#5b4fa2", "#3b8f4f", "#8c5a3c", "#c25a96", "#5d7681")
RESOLUTION = 144  # dots per inch: sharp on high-density screens

# The page is dark where the reader's system is: a picture in it follows by itself.
_DARK = {
    INK: "#dcebf0",
    MUTED: "#93aab4",
    GRID: "#26404a",
    TRAIN: "#5f8d9d",
    VALIDATION: "#35b5ce",
    WRONG: "#ee7a63",
    "#b58a12": "#d9b23c",
    "#5b4fa2": "#9d92e0",
    "#3b8f4f": "#63bf7a",
    "#8c5a3c": "#c08a68",
    "#c25a96": "#e58abb",
}


def render_png(figure: Figure) -> bytes:
    """Draw a figure as a PNG file."""
    file = BytesIO()
    figure.savefig(file, format="png", dpi=RESOLUTION, facecolor="white")
    return file.getvalue()


def render_svg(figure: Figure) -> str:
    """Draw a figure as an SVG document with its text as text, whose colours follow the reader's system."""
    file = StringIO()
    fonts = ["system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "DejaVu Sans"]
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "headrace", "font.sans-serif": ["DejaVu Sans"]}):
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    text = file.getvalue().replace("'DejaVu Sans'", ", ".join(f"'{name}'" for name in fonts))
    names = {colour: f"--c{number}" for number, colour in enumerate(_DARK)}
    for colour, name in names.items():
        text = text.replace(colour, f"var({name})")
    light = ";".join(f"{name}:{colour}" for colour, name in names.items())
    dark = ";".join(f"{name}:{_DARK[colour]}" for colour, name in names.items())
    rules = f"<style>:root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}</style>"
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, count=1, flags=re.DOTALL)
    return re.sub(r"(<svg[^>]*>)", lambda tag: tag[1] + rules, text, count=1)


def style_axes(axes: Axes, x: str = "", y: str = "") -> None:
    """Draw axes without a frame, with a faint grid, and name them."""
    axes.tick_params(colors=MUTED, labelsize=8.5, length=0)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_xlabel(x, color=MUTED, fontsize=8.5)
    axes.set_ylabel(y, color=MUTED, fontsize=8.5)
    for side in axes.spines.values():
        side.set_visible(False)


def format_number(value: float) -> str:
    """Format a number for reading: thousands in full, smaller numbers to four digits.

    Example:
        >>> format_number(49577.4), format_number(0.23456)
        ('49,577', '0.2346')
    """
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"


def format_tick(value: float, _: float) -> str:
    """Format the number of a tick."""
    return format_number(value)
