"""`headrace records head`: the first records as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from headrace.cli.records.arguments import AsJson, Sources
from headrace.cli.records.options import Force, refuse_existing

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

__all__ = ["head"]

_WIDEST = 36  # characters of a cell in a table that has a column a feature


def head(
    sources: Sources,
    rows: Annotated[
        int | None, typer.Option("-n", help="How many records.", min=1, show_default="5, or 48 images")
    ] = None,
    images: Annotated[
        str | None, typer.Option(help="Draw the images of the first records on one, a PNG file of this name.")
    ] = None,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """Print the first records: a table, or one record below the other where it would be too wide.

    Long values are cut, bytes shown by their length and start, images by format and size. With --json, one
    JSON object a line. Pixels and image files are drawn alike, the label below each.
    """
    from headrace.cli.records.table import console
    from headrace.records import read
    from headrace.records.reading import find_schema
    from headrace.records.tfrecord import resolve

    files = resolve(sources)
    refuse_existing([images] if images else [], force)
    limit = rows or (48 if images else 5)
    batch = next(read(files, find_schema(files, limit=limit), batch_size=limit, threads=1), None)
    if batch is None:
        return
    drawn = _draw(batch, images, files[0]) if images else 0
    shown = batch.slice(0, rows or 5)
    if as_json:
        _print_json(shown)
    else:
        _print(shown, console())
    if images:
        typer.echo(f"\n{drawn:,} images → {images}", err=as_json)


def _draw(batch: pa.RecordBatch, path: str, source: str) -> int:
    """Writes the contact sheet; how many images are on it."""
    from io import BytesIO

    from headrace.cli.drawing.contact_sheet import contact_sheet, image_features, pictures
    from headrace.errors import SchemaError
    from headrace.storage import AtomicFile

    if not image_features(batch):
        what = "no feature holds JPEG, PNG, BMP or GIF bytes, or uint8 [height, width]"
        raise SchemaError(what, path=source, hint="give pixels their shape in the schema file")
    file = BytesIO()
    found = list(pictures(batch))
    contact_sheet(found).save(file, "PNG")
    with AtomicFile(path) as sheet:
        sheet.write(file.getvalue())
    return len(found)


def _print_json(batch: pa.RecordBatch) -> None:
    import json

    def length(value: object) -> str:
        return f"<{len(value):,} bytes>" if isinstance(value, bytes) else f"<{type(value).__name__}>"

    for row in batch.to_pylist():
        typer.echo(json.dumps(row, ensure_ascii=False, default=length))


def _print(batch: pa.RecordBatch, screen: Console) -> None:
    """The first of three forms that the screen is wide enough for; the last always is."""
    from headrace.cli.records.formatting import brief, printable

    names = [printable(name, 40) for name in batch.schema.names]
    columns = [[brief(value) for value in column] for column in batch.columns]
    rows = list(zip(*columns, strict=True))
    numbers = tuple(name for name, field in zip(names, batch.schema, strict=True) if _is_number(field))
    if _width([[name, *texts] for name, texts in zip(names, columns, strict=True)]) <= screen.width:
        screen.print(_beside(names, rows, numbers, screen))
    elif _width([names, *([str(number), *row] for number, row in enumerate(rows))]) <= screen.width:
        screen.print(_across(names, columns))
    else:
        _print_below(names, rows, screen)


def _width(columns: Iterable[Iterable[str]]) -> int:
    """What a table of these cells takes if long ones are cut."""
    return sum(2 + min(_WIDEST, _longest(texts)) for texts in columns)


def _longest(texts: Iterable[str]) -> int:
    from rich.cells import cell_len

    return max(map(cell_len, texts))


def _beside(
    names: list[str], rows: list[tuple[str, ...]], numbers: tuple[str, ...], screen: Console
) -> Table:
    """A column a feature; one that is long takes the room that is left, several are cut alike."""
    from headrace.cli.records.table import fit, table

    shown = table(*names, right=numbers)
    for row in rows:
        shown.add_row(*map(_styled, row))
    long = [index for index, texts in enumerate(zip(names, *rows, strict=True)) if _longest(texts) > _WIDEST]
    if len(long) == 1:
        return fit(shown, screen)
    for index in long:
        shown.columns[index].max_width = _WIDEST
    return shown


def _across(names: list[str], columns: list[list[str]]) -> Table:
    """A line a feature, a column a record."""
    from headrace.cli.records.table import cell, table

    records = tuple(map(str, range(len(columns[0]))))
    shown = table("record", *records, right=records)
    for name, texts in zip(names, columns, strict=True):
        shown.add_row(cell(name, "bold"), *map(_styled, texts))
    return shown


def _print_below(names: list[str], rows: list[tuple[str, ...]], screen: Console) -> None:
    """A line a feature, record below record."""
    from rich.rule import Rule
    from rich.table import Table
    from rich.text import Text

    from headrace.cli.records.table import cell

    for number, row in enumerate(rows):
        shown = Table.grid(padding=(0, 2, 0, 0))
        shown.add_column(width=max(map(len, names)))
        for name, text in zip(names, row, strict=True):
            shown.add_row(cell(name, "bold"), _styled(text))
        title = Text.assemble((f"record {number:,}", "not dim"))
        screen.print(Rule(title, align="left", style="dim"))
        screen.print(shown)


def _styled(text: str) -> Text:
    from headrace.cli.records.table import cell

    return cell(text, "dim" if text == "–" else "")


def _is_number(field: pa.Field) -> bool:
    import pyarrow as pa

    return pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
