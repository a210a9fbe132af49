"""Registers the commands of `headrace models`."""

from __future__ import annotations

import typer

from headrace.cli.models.draw import draw
from headrace.cli.models.list import list_models
from headrace.cli.models.show import show

__all__ = ["app"]

app = typer.Typer(help="List, show and draw models of the zoo.", no_args_is_help=True)
app.command("list")(list_models)
app.command("show")(show)
app.command()(draw)
