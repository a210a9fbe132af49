"""`headrace datasets info`: print the card of a data set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.cli.datasets.options import Code, DataDir, Name, import_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headrace.datasets import DatasetInfo, DatasetStatus

__all__ = ["info"]

_MAX_WIDTH = 100  # characters per line of prose
_MOST_CLASSES = 110


def info(name: Name, data_dir: DataDir = None, code: Code = None) -> None:
    """Print the card of a data set: rows, columns, classes, files, licence, source and citation."""
    import_code(code)
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from headrace import datasets
    from headrace.cli.drawing.table import make_console

    card = datasets.info(name, data_dir)
    known = card.name in datasets.list()
    status = datasets.status(card.name, data_dir) if known else None
    screen = make_console()
    screen.print(Text.assemble((card.name, "bold"), (f"  {card.version}", "dim")))
    if card.description:
        screen.print(Padding(Text(card.description), (0, 0, 1, 0)), width=min(screen.width, _MAX_WIDTH))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for title, text in (*_describe_data(card), *(_describe_files(status) if status else ())):
        if text:
            grid.add_row(title, Text(text))
    screen.print(grid, width=min(screen.width, _MAX_WIDTH))


def _describe_data(card: DatasetInfo) -> Iterator[tuple[str, str]]:
    from headrace.cli.records.schema import describe_type

    yield "rows", _format_rows(card.full_rows)
    if card.sample_rows and card.sample_rows != card.full_rows:
        yield "sample", _format_rows(card.sample_rows)
    yield (
        "columns",
        "\n".join(" ".join((each.name, *describe_type(each.type))).rstrip() for each in card.schema),
    )
    yield "label", card.label
    yield "classes", _format_classes(card.class_names)
    yield "licence", card.licence
    yield "source", card.source
    yield "citation", card.citation


def _describe_files(status: DatasetStatus) -> Iterator[tuple[str, str]]:
    from headrace.cli.drawing.formatting import format_size

    files = [f"{each.file_name}, {format_size(each.size)}" for each in status.downloads]
    by_hand = [each.instructions for each in status.downloads if not each.url]
    yield "files", "\n".join(files)
    yield "by hand", "\n".join(dict.fromkeys(by_hand))
    yield "parser ran on", status.parser_ran_on
    prepare = f"headrace datasets prepare {status.info.name}" if status.downloads else ""
    yield "prepared", prepare if status.prepared is None else str(status.prepared)


def _format_classes(names: tuple[str, ...]) -> str:
    more = len(names) - _MOST_CLASSES
    shown = [*names[:_MOST_CLASSES], *([f"and {more:,} more"] if more > 0 else [])]
    return f"{len(names):,}: {', '.join(shown)}" if names else ""


def _format_rows(rows: Mapping[str, int]) -> str:
    return ", ".join(f"{split} {count:,}" for split, count in rows.items())
