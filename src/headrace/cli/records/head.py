"""`headrace records head`: print the first records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from headrace.arguments import check_extension
from headrace.cli.options import AsJson, Force, Sources, refuse_existing

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

__all__ = ["head", "print_rows"]

_MAX_CELL = 36  # characters of a cell in a table with one column per feature


def head(
    sources: Sources,
    rows: Annotated[
        int | None, typer.Option("-n", help="The number of records.", min=1, show_default="5, or 48 images")
    ] = None,
    images: Annotated[
        str | None, typer.Option(help="Draw the images of the first records to this PNG file.")
    ] = None,
    as_json: AsJson = False,
    force: Force = False,
) -> None:
    """Print the first records as a table, or one below the other if the table would be too wide.

    Long values are truncated. Bytes are shown by their length and first bytes,
    images by format and size. With --json, one JSON object is printed per line.
    --images draws pixels and encoded images, with their labels.
    """
    from headrace.cli.drawing.table import make_console
    from headrace.records import read
    from headrace.records.reading import find_schema
    from headrace.records.tfrecord import resolve

    files = resolve(sources)
    if images:
        check_extension(images)
        refuse_existing([images], force)
    limit = rows or (48 if images else 5)
    batch = next(read(files, find_schema(files, limit=limit), batch_size=limit, threads=1), None)
    if batch is None:
        return
    drawn = _draw(batch, images, files[0]) if images else 0
    shown = batch.slice(0, rows or 5)
    if as_json:
        _print_json(shown)
    else:
        print_rows(shown, make_console())
    if images:
        typer.echo(f"\n{drawn:,} images → {images}", err=as_json)


def _draw(batch: pa.RecordBatch, path: str, source: str) -> int:
    """Write the contact sheet; return the number of images on it."""
    from io import BytesIO

    from headrace.cli.drawing import draw_contact_sheet, find_image_features, read_pictures
    from headrace.errors import SchemaError
    from headrace.storage import AtomicFile

    if not find_image_features(batch):
        what = "expected a feature with JPEG, PNG, BMP or GIF bytes or uint8 [height, width], got none"
        raise SchemaError(
            what, path=source, hint="if the features are pixels, set their shape in the schema file"
        )
    file = BytesIO()
    found = list(read_pictures(batch))
    draw_contact_sheet(found).save(file, "PNG")
    with AtomicFile(path) as sheet:
        sheet.write(file.getvalue())
    return len(found)


def _print_json(batch: pa.RecordBatch) -> None:
    import json

    from headrace.columns import to_python

    def describe(value: object) -> str:
        return f"<{len(value):,} bytes>" if isinstance(value, bytes) else f"<{type(value).__name__}>"

    for number in range(batch.num_rows):
        row = {name: to_python(batch[name][number]) for name in batch.schema.names}
        typer.echo(json.dumps(row, ensure_ascii=False, default=describe))


def print_rows(batch: pa.RecordBatch, screen: Console) -> None:
    """Print rows in the first of three layouts that fits the screen; the last one always does."""
    from headrace.cli.drawing.formatting import format_text, format_value

    names = [format_text(name, 40) for name in batch.schema.names]
    columns = [[format_value(value) for value in column] for column in batch.columns]
    rows = list(zip(*columns, strict=True))
    numbers = tuple(name for name, field in zip(names, batch.schema, strict=True) if _is_number(field))
    if _width([[name, *texts] for name, texts in zip(names, columns, strict=True)]) <= screen.width:
        screen.print(_features_as_columns(names, rows, numbers, screen))
    elif _width([names, *([str(number), *row] for number, row in enumerate(rows))]) <= screen.width:
        screen.print(_records_as_columns(names, columns))
    else:
        _print_one_by_one(names, rows, screen)


def _width(columns: Iterable[Iterable[str]]) -> int:
    """Return the width of a table of these cells, with long cells truncated."""
    return sum(2 + min(_MAX_CELL, _max_length(texts)) for texts in columns)


def _max_length(texts: Iterable[str]) -> int:
    from rich.cells import cell_len

    return max(map(cell_len, texts))


def _features_as_columns(
    names: list[str], rows: list[tuple[str, ...]], numbers: tuple[str, ...], screen: Console
) -> Table:
    """Build a table with one column per feature.

    A single wide column takes the remaining width; several wide columns are truncated equally.
    """
    from headrace.cli.drawing.table import fit_table, make_table

    shown = make_table(*names, right=numbers)
    for row in rows:
        shown.add_row(*map(_style_value, row))
    long = [
        index for index, texts in enumerate(zip(names, *rows, strict=True)) if _max_length(texts) > _MAX_CELL
    ]
    if len(long) == 1:
        return fit_table(shown, screen)
    for index in long:
        shown.columns[index].max_width = _MAX_CELL
    return shown


def _records_as_columns(names: list[str], columns: list[list[str]]) -> Table:
    """Build a table with one row per feature and one column per record."""
    from headrace.cli.drawing.table import make_cell, make_table

    records = tuple(map(str, range(len(columns[0]))))
    shown = make_table("record", *records, right=records)
    for name, texts in zip(names, columns, strict=True):
        shown.add_row(make_cell(name, "bold"), *map(_style_value, texts))
    return shown


def _print_one_by_one(names: list[str], rows: list[tuple[str, ...]], screen: Console) -> None:
    """Print each record as a list of features."""
    from rich.rule import Rule
    from rich.table import Table
    from rich.text import Text

    from headrace.cli.drawing.table import make_cell

    for number, row in enumerate(rows):
        shown = Table.grid(padding=(0, 2, 0, 0))
        shown.add_column(width=max(map(len, names)))
        for name, text in zip(names, row, strict=True):
            shown.add_row(make_cell(name, "bold"), _style_value(text))
        title = Text.assemble((f"record {number:,}", "not dim"))
        screen.print(Rule(title, align="left", style="dim"))
        screen.print(shown)


def _style_value(text: str) -> Text:
    from headrace.cli.drawing.table import make_cell

    return make_cell(text, "dim" if text == "–" else "")


def _is_number(field: pa.Field) -> bool:
    import pyarrow as pa

    return pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
