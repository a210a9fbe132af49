"""What was found in a folder of images, for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.cli.drawing.table import make_cell, make_console, make_table

if TYPE_CHECKING:
    from headrace.inspection import ImageFindings

__all__ = ["print_image_findings"]

_MOST_CLASSES = 50  # rows of the table


def print_image_findings(findings: ImageFindings) -> None:
    """Print the classes with their images, then what is wrong with files."""
    screen, parts = make_console(), [part.name for part in findings.parts]
    table = make_table("class", *(["images"] if len(parts) == 1 else parts), right=("images", *parts))
    counts = [findings.count_classes(part) for part in parts]
    for name in findings.classes[:_MOST_CLASSES]:
        table.add_row(make_cell(name), *(f"{each[name]:,}" for each in counts))
    screen.print(table)
    if len(findings.classes) > _MOST_CLASSES:
        screen.print(f"... and {len(findings.classes) - _MOST_CLASSES:,} more classes")
    screen.print(findings.summarize(), soft_wrap=True)
    for line in findings.list_faults():
        screen.print(line, soft_wrap=True)
