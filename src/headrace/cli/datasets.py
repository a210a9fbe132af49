"""`headrace datasets`: list and prepare the datasets of the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app"]

_MAX_WIDTH = 100  # characters per line of prose

app = typer.Typer(help="List and prepare datasets.", no_args_is_help=True)


@app.command("list")
def list_datasets() -> None:
    """Print the name, number of rows, description and licence of each dataset."""
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
            f", {sample:,} in the sample" if sample != full else ", all included in the package"
        )
        screen.print(Text.assemble((name, "bold"), ("  " + rows, "dim")))
        for text, style in ((info.description, ""), (f"Licence: {info.licence}", "dim")):
            screen.print(Padding(Text(text, style), (0, 0, 0, 2)), width=min(screen.width, _MAX_WIDTH))


@app.command()
def prepare(
    name: Annotated[str, typer.Argument(help="The name of a dataset; see `headrace datasets list`.")],
    data_dir: Annotated[
        Path | None, typer.Option(help="The folder to write to [default: ~/.cache/headrace/NAME].")
    ] = None,
) -> None:
    """Download the full dataset, verify its checksum, and print the folder to pass as --data-dir."""
    from headrace import datasets

    typer.echo(datasets.prepare(name, data_dir))
