"""`headrace datasets`: the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app"]

app = typer.Typer(help="The catalogue of datasets.", no_args_is_help=True)


@app.command("list")
def list_datasets() -> None:
    """Print each dataset's name, rows and description."""
    from rich.console import Console
    from rich.table import Table

    from headrace import datasets

    table = Table("name", "sample rows", "full rows", "licence", "what it is", box=None, padding=(0, 2, 0, 0))
    for name in datasets.list():
        info = datasets.info(name)
        rows = (f"{sum(each.values()):,}" for each in (info.sample_rows, info.full_rows))
        table.add_row(name, *rows, info.licence, info.description)
    Console(highlight=False).print(table)


@app.command()
def prepare(
    name: Annotated[str, typer.Argument(help="A dataset of the catalogue.")],
    data_dir: Annotated[
        Path | None, typer.Option(help="Where to put it [default: ~/.cache/headrace/NAME].")
    ] = None,
) -> None:
    """Fetch a dataset's original release, checked by checksum, and print the folder for --data-dir."""
    from headrace import datasets

    typer.echo(datasets.prepare(name, data_dir))
