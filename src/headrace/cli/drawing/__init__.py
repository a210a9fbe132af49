"""Drawings for the terminal and PNG files: tables, contact sheets, image grids.

Names load on first use: images need packages of the extra `train`, tables do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.lazy_names import load_on_use as _load_on_use

if TYPE_CHECKING:
    from headrace.cli.drawing.contact_sheet import draw_contact_sheet
    from headrace.cli.drawing.distributions import Distribution, find_distributions
    from headrace.cli.drawing.formatting import (
        format_count,
        format_number,
        format_size,
        format_text,
        format_value,
    )
    from headrace.cli.drawing.image_findings import print_image_findings
    from headrace.cli.drawing.image_grid import Panel, Tile, draw_image_grid, overlay, to_colours, to_grey
    from headrace.cli.drawing.pictures import Picture, find_image_features, read_pictures
    from headrace.cli.drawing.table import fit_table, make_cell, make_console, make_table

__all__ = [
    "Distribution",
    "Panel",
    "Picture",
    "Tile",
    "draw_contact_sheet",
    "draw_image_grid",
    "find_distributions",
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
    "print_image_findings",
    "read_pictures",
    "to_colours",
    "to_grey",
]

__getattr__, __dir__ = _load_on_use(
    __name__,
    {
        "Distribution": "distributions",
        "Panel": "image_grid",
        "Picture": "pictures",
        "Tile": "image_grid",
        "draw_contact_sheet": "contact_sheet",
        "draw_image_grid": "image_grid",
        "find_distributions": "distributions",
        "find_image_features": "pictures",
        "fit_table": "table",
        "format_count": "formatting",
        "format_number": "formatting",
        "format_size": "formatting",
        "format_text": "formatting",
        "format_value": "formatting",
        "make_cell": "table",
        "make_console": "table",
        "make_table": "table",
        "overlay": "image_grid",
        "print_image_findings": "image_findings",
        "read_pictures": "pictures",
        "to_colours": "image_grid",
        "to_grey": "image_grid",
    },
)
