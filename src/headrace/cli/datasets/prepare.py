"""`headrace datasets prepare`: download a data set, and store its rows."""

from __future__ import annotations

from typing import Annotated

import typer

from headrace.cli.datasets.options import Code, DataDir, import_code

__all__ = ["prepare"]


def prepare(
    name: Annotated[str, typer.Argument(help="A data set of `headrace datasets list`.")],
    data_dir: DataDir = None,
    code: Code = None,
    mirror: Annotated[
        str | None, typer.Option(help="A folder or URL that holds the publisher's files by their names.")
    ] = None,
    shards: Annotated[
        int | None, typer.Option(help="Files for each split.", min=1, show_default="of about 256 MiB")
    ] = None,
) -> None:
    """Download a data set, check it, and store its rows where `load` finds them.

    Prints the folder. What is there already is kept, and so is what a killed
    download has received.
    """
    import_code(code)
    from headrace import datasets

    folder = datasets.prepare(name, data_dir, mirror=mirror, shards=shards)
    card = datasets.info(folder)
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    rows = ", ".join(f"{split} {count:,}" for split, count in card.full_rows.items())
    typer.echo(f"{card.name} {card.version}: {rows} rows, {size:,.1f} MB", err=True)
    typer.echo(folder)
