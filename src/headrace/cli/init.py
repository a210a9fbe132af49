"""`headrace init`: look at raw data, and write a first recipe for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from headrace.inspection import Findings
    from headrace.recipes import Draft

__all__ = ["init"]

_STYLES = {"left out": "yellow", "label": "bold"}


def init(
    data: Annotated[
        str,
        typer.Argument(
            help="A .csv, .jsonl, .parquet or .tfrecord file, a glob of files, or a folder of images."
        ),
    ],
    label: Annotated[str | None, typer.Option(help="The column to predict.", metavar="COLUMN")] = None,
    time_column: Annotated[
        str | None,
        typer.Option(help="Split by this column: its last rows are held out.", metavar="COLUMN"),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(help="Keep rows with the same value of this column in one part.", metavar="COLUMN"),
    ] = None,
    label_kind: Annotated[
        str | None, typer.Option(help="What the label is: classes or number.", show_default="by its values")
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            help="Use a column that seems to give the answer away; may be repeated.", metavar="COLUMN"
        ),
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option(help="Leave a column out; may be repeated.", metavar="COLUMN")
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(help="Images: a file of weights to start from.", metavar="FILE"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The file to write.", show_default="the name of the data, here")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Look at raw data, say what it holds, and write a recipe for it that runs as it is."""
    from headrace.recipes import init as write_recipe

    draft = write_recipe(
        data,
        label,
        time_column=time_column,
        group=group,
        label_kind=label_kind,
        keep=keep or (),
        drop=drop or (),
        weights=weights,
        out=out,
        force=force,
    )
    _print(draft)


def _print(draft: Draft) -> None:
    from headrace.cli.drawing import make_console, print_image_findings
    from headrace.inspection import ImageFindings

    if isinstance(draft.findings, ImageFindings):
        print_image_findings(draft.findings)
    else:
        _print_columns(draft.findings)
    make_console().print(f"\nwrote {draft.path}; next: headrace run {draft.path}", soft_wrap=True)


def _print_columns(findings: Findings) -> None:
    from headrace.cli.drawing import format_count, make_cell, make_console, make_table

    screen = make_console()
    figure = "R²" if findings.label.kind == "number" else "AUC"
    table = make_table(
        "column", "type", "missing", "distinct", figure, "use", right=("missing", "distinct", figure)
    )
    for role in findings.roles:
        column, style = role.column, _STYLES.get(role.use, "")
        table.add_row(
            make_cell(column.name, style),
            make_cell(str(column.type), "dim"),
            f"{column.missing:,}" if column.missing else "",
            f"{column.distinct:,}",
            f"{role.power.score:.3f}" if role.power else "",
            make_cell(role.use, style),
        )
    screen.print(table)
    screen.print(f"{format_count(findings.rows, 'row')}; {figure}: of the column alone, on rows held out")
    for role in findings.roles:
        if role.reason:
            screen.print(f"{role.column.name}: {role.reason}", soft_wrap=True)
