"""The tables of `headrace records`: a ruled head, no frame, and cells that never wrap."""

from __future__ import annotations

from rich.box import Box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

__all__ = ["cell", "console", "fit", "table"]

_RULED_HEAD = Box("    \n    \n ── \n    \n    \n    \n    \n    \n")


def console() -> Console:
    """Standard output, without any guessing at what is a number or a name."""
    return Console(highlight=False, markup=False, emoji=False)


def cell(text: str, style: str = "") -> Text:
    """Text that is shown as it is, cut with an ellipsis where there is no room."""
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")


def fit(made: Table, screen: Console) -> Table:
    """The same table, its widest column cut to the room that the others leave."""
    widths = [_width(column) for column in made.columns]
    widest = widths.index(max(widths))
    room = screen.width - (sum(widths) - widths[widest]) - 2 * len(widths)
    for column, width in zip(made.columns, widths, strict=True):
        column.min_width = width
    made.columns[widest].min_width = None
    made.columns[widest].max_width = max(8, room)
    return made


def _width(column: Column) -> int:
    texts = [column.header, *column.cells]
    return max(cell_len(text.plain if isinstance(text, Text) else str(text)) for text in texts)


def table(*names: str, right: tuple[str, ...] = ()) -> Table:
    """An empty table; columns named in `right` hold numbers."""
    made = Table(
        box=_RULED_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False,
        header_style="bold", border_style="dim",
    )  # fmt: skip
    for name in names:
        justify = "right" if name in right else "left"
        made.add_column(Text(name), justify=justify, no_wrap=True, overflow="ellipsis")
    return made
