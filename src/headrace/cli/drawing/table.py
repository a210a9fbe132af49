"""Tables with a rule below the header, no border, and cells that never wrap."""

from __future__ import annotations

from rich.box import Box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

__all__ = ["fit_table", "make_cell", "make_console", "make_table"]

_RULED_HEADER = Box("    \n    \n ── \n    \n    \n    \n    \n    \n")


def make_console() -> Console:
    """Return a console for standard output without markup or highlighting."""
    return Console(highlight=False, markup=False, emoji=False)


def make_cell(text: str, style: str = "") -> Text:
    """Return text that is shown unchanged, truncated with an ellipsis if it does not fit."""
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")


def fit_table(table: Table, screen: Console) -> Table:
    """Limit the table's widest column to the width that the other columns leave; return the table."""
    widths = [_width(column) for column in table.columns]
    widest = widths.index(max(widths))
    available = screen.width - (sum(widths) - widths[widest]) - 2 * len(widths)
    for column, width in zip(table.columns, widths, strict=True):
        column.min_width = width
    table.columns[widest].min_width = None
    table.columns[widest].max_width = max(8, available)
    return table


def _width(column: Column) -> int:
    texts = [column.header, *column.cells]
    return max(cell_len(text.plain if isinstance(text, Text) else str(text)) for text in texts)


def make_table(*names: str, right: tuple[str, ...] = ()) -> Table:
    """Return an empty table with these columns; those named in `right` are right-aligned."""
    table = Table(
        box=_RULED_HEADER, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False,
        header_style="bold", border_style="dim",
    )  # fmt: skip
    for name in names:
        justify = "right" if name in right else "left"
        table.add_column(Text(name), justify=justify, no_wrap=True, overflow="ellipsis")
    return table
