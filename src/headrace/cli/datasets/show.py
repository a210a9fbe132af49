"""`headrace datasets show`: the first rows, and what values the columns have."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from headrace.arguments import check_extension
from headrace.cli.datasets.options import Code, DataDir, Name, import_code
from headrace.cli.options import Force, refuse_existing

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

    from headrace.cli.drawing import Distribution
    from headrace.data import Dataset
    from headrace.datasets import DatasetInfo

__all__ = ["show"]

_PICTURES = 48
_MOST_ROWS = 50_000  # that distributions are of


def show(
    name: Name,
    split: Annotated[
        str | None, typer.Option(help="A split, such as 'test' or 'train[:10%]'.", show_default="the first")
    ] = None,
    rows: Annotated[int, typer.Option("-n", help="The rows to print.", min=1)] = 5,
    image: Annotated[str | None, typer.Option(help="The PNG file to draw.", show_default="NAME.png")] = None,
    data_dir: DataDir = None,
    code: Code = None,
    force: Force = False,
) -> None:
    """Print the first rows and the distribution of each column, and draw a PNG file.

    Images are drawn as a contact sheet of the first 48, with their labels;
    other columns as histograms: of numbers, of the most frequent values, of
    the words of texts. They are of the first 50,000 rows.
    """
    import_code(code)
    from headrace import datasets
    from headrace.cli.drawing import find_image_features, make_console
    from headrace.cli.records.head import print_rows
    from headrace.storage import write_bytes

    card = datasets.info(name, data_dir)
    split = split or next(iter(card.full_rows))
    path = image or f"{_name_picture(name, card)}.png"
    check_extension(path)
    refuse_existing([path], force)
    ds = datasets.load(name, split, data_dir=data_dir)
    first = _first_rows(ds, max(rows, _PICTURES), card)
    images = find_image_features(first)
    screen = make_console()
    print_rows(first.slice(0, rows), screen)
    others = [column for column in ds.schema.names if column not in images]
    found = _find_distributions(ds.select(others), card) if others else []
    _print_distributions(found, screen)
    if images:
        content, drawn = _draw_pictures(first.slice(0, _PICTURES), card.label)
    else:
        part = f", the first {_MOST_ROWS:,} rows" if (ds.num_rows or 0) > _MOST_ROWS else ""
        content, drawn = _draw_histograms(found, f"{card.name} {card.version}, {split}{part}")
    write_bytes(path, content)
    screen.print(f"{drawn} → {path}", soft_wrap=True)


def _name_picture(name: str, card: DatasetInfo) -> str:
    """Return the name that the user gave, or that of the card of a folder."""
    is_path = "/" in name or Path(name).is_dir()
    return (card.name if is_path else name.partition(":")[0]).replace("/", "-")


def _first_rows(ds: Dataset, count: int, card: DatasetInfo) -> pa.RecordBatch:
    """Read the first rows as one batch, with the names of classes."""
    import pyarrow as pa

    from headrace.errors import SchemaError

    table = pa.Table.from_batches(list(ds.take(count)), ds.schema)
    if not table.num_rows:
        raise SchemaError("no rows to show", path=card.source, hint="choose another split: --split")
    batch = table.combine_chunks().to_batches()[0]
    if not card.class_names or card.label not in batch.schema.names:
        return batch
    if not pa.types.is_integer(batch.schema.field(card.label).type):
        return batch
    known = dict(enumerate(card.class_names))
    labels = [known.get(label, str(label)) for label in batch.column(card.label).to_pylist()]
    place = batch.schema.get_field_index(card.label)
    return batch.set_column(place, card.label, pa.array(labels, pa.string()))


def _find_distributions(ds: Dataset, card: DatasetInfo) -> list[Distribution]:
    import pyarrow as pa

    from headrace.cli.drawing import find_distributions

    table = pa.Table.from_batches(list(ds.take(_MOST_ROWS)), ds.schema)
    is_number = card.label in ds.schema.names and pa.types.is_integer(ds.schema.field(card.label).type)
    return find_distributions(table, {card.label: card.class_names} if is_number else {})


def _print_distributions(found: list[Distribution], screen: Console) -> None:
    from headrace.cli.drawing import fit_table, format_text, make_cell, make_table

    shown = make_table("column", "missing", "distribution", right=("missing",))
    for each in found:
        missing = f"{each.missing:,}" if each.missing else "–"
        shown.add_row(make_cell(format_text(each.name, 40), "bold"), missing, make_cell(each.line))
    if found:
        screen.print()
        screen.print(fit_table(shown, screen))
    screen.print()


def _draw_pictures(batch: pa.RecordBatch, label: str) -> tuple[bytes, str]:
    from headrace.cli.drawing import draw_contact_sheet, format_count, read_pictures

    pictures = list(read_pictures(batch, label))
    file = BytesIO()
    draw_contact_sheet(pictures).save(file, "PNG")
    return file.getvalue(), format_count(len(pictures), "image")


def _draw_histograms(found: list[Distribution], title: str) -> tuple[bytes, str]:
    from headrace.cli.drawing import format_count
    from headrace.cli.drawing.histograms import MOST_HISTOGRAMS, draw_histograms

    file = BytesIO()
    draw_histograms(found, title).savefig(file, format="png", dpi=144)
    first = "" if len(found) <= MOST_HISTOGRAMS else "the first "
    return file.getvalue(), first + format_count(min(len(found), MOST_HISTOGRAMS), "histogram")
