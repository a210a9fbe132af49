"""Drawings for the terminal and PNG files: tables, contact sheets, image grids.

Names load on first use: images need packages of the extra `train`, tables do not.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headrace.cli.drawing.contact_sheet import (
        Picture,
        draw_contact_sheet,
        find_image_features,
        read_pictures,
    )
    from headrace.cli.drawing.formatting import (
        format_count,
        format_number,
        format_size,
        format_text,
        format_value,
    )
    from headrace.cli.drawing.image_grid import Panel, Tile, draw_image_grid, overlay, to_colours, to_grey
    from headrace.cli.drawing.table import fit_table, make_cell, make_console, make_table

__all__ = [
    "Panel",
    "Picture",
    "Tile",
    "draw_contact_sheet",
    "draw_image_grid",
    "find_image_features",
    "fit_table",
    "format_count",
    "format_number",
    "format_size",
    "format_text",
    "format_value",
    "make_cell",
    "make_console",
    "make_table",
    "overlay",
    "read_pictures",
    "to_colours",
    "to_grey",
]

_MODULES = ("formatting", "table", "contact_sheet", "image_grid")


def __getattr__(name: str) -> object:
    if name in __all__:
        for module in map(_import_module, (f"{__name__}.{each}" for each in _MODULES)):
            if name in module.__all__:
                return getattr(module, name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__
