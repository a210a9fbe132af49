"""`headrace datasets add`: give a folder a name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["add"]


def add(
    name: Annotated[str, typer.Argument(help="The name: letters, digits, _ and -.")],
    folder: Annotated[Path, typer.Argument(help="A folder that `hr.datasets.load` reads.")],
) -> None:
    """Give a folder a name, by which `load`, `show` and `verify` find it from now on."""
    from headrace import datasets

    card = datasets.add(name, folder)
    rows = ", ".join(f"{split} {count:,}" for split, count in card.full_rows.items())
    typer.echo(f"{name} → {folder.expanduser().absolute()} ({rows} rows)")
