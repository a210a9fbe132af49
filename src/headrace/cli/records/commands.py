"""Registers the commands of `headrace records`."""

from __future__ import annotations

import typer

from headrace.cli.records.check import check
from headrace.cli.records.convert import convert
from headrace.cli.records.head import head
from headrace.cli.records.index import index
from headrace.cli.records.merge import merge
from headrace.cli.records.schema import schema
from headrace.cli.records.split import split
from headrace.cli.records.stats import stats

__all__ = ["app"]

app = typer.Typer(help="Inspect, convert, split and merge TFRecord files.", no_args_is_help=True)
for command in (head, schema, stats, check, convert, split, merge, index):
    app.command()(command)
