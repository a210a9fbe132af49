"""`headrace datasets`: the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app"]

_WIDEST = 100  # characters of a line of prose

app = typer.Typer(help="The catalogue of datasets.", no_args_is_help=True)


@app.command("list")
def list_datasets() -> None:
    """Print each dataset's name, rows and description."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    from headrace import datasets

    screen = Console(highlight=False, markup=False, emoji=False)
    for number, name in enumerate(datasets.list()):
        info = datasets.info(name)
        sample, full = (sum(each.values()) for each in (info.sample_rows, info.full_rows))
        if number:
            screen.print()
        rows = f"{full:,} rows" + (
            f", {sample:,} in the sample" if sample != full else ", all in the package"
        )
        screen.print(Text.assemble((name, "bold"), ("  " + rows, "dim")))
        for text, style in ((info.description, ""), (f"Licence: {info.licence}", "dim")):
            screen.print(Padding(Text(text, style), (0, 0, 0, 2)), width=min(screen.width, _WIDEST))


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
