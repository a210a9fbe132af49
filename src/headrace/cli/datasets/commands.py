"""Registers the commands of `headrace datasets`."""

from __future__ import annotations

import typer

from headrace.cli.datasets.add import add
from headrace.cli.datasets.info import info
from headrace.cli.datasets.list import list_datasets
from headrace.cli.datasets.prepare import prepare
from headrace.cli.datasets.show import show
from headrace.cli.datasets.verify import verify

__all__ = ["app"]

app = typer.Typer(help="List, prepare, check and show data sets.", no_args_is_help=True)
app.command("list")(list_datasets)
for command in (info, prepare, show, verify, add):
    app.command()(command)
