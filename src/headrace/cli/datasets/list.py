"""`headrace datasets list`: list the data sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from headrace.cli.datasets.options import Code, DataDir, import_code
from headrace.cli.options import AsJson

if TYPE_CHECKING:
    from headrace.datasets import DatasetStatus

__all__ = ["list_datasets"]


def list_datasets(data_dir: DataDir = None, code: Code = None, as_json: AsJson = False) -> None:
    """List the data sets: their rows, and what there is of each.

    "load" is what `load` reads now: "all" or the rows of a sample that ships
    with the package, "prepared" after `headrace datasets prepare`, or "-".
    "parser ran on" is what the parser has read: the publisher's own files, or
    an archive that the tests generate with the same layout.
    """
    import_code(code)
    from headrace import datasets

    statuses = datasets.list_statuses(datasets.list(), data_dir)
    folders = datasets.named_folders()
    if as_json:
        _print_json(statuses)
        return
    from headrace.cli.drawing.table import fit_table, make_cell, make_console, make_table

    screen = make_console()
    shown = make_table("name", "rows", "load", "parser ran on", "licence", right=("rows",))
    for each in statuses:
        info = each.info
        rows, licence = f"{sum(info.full_rows.values()):,}", make_cell(info.licence, "dim")
        shown.add_row(make_cell(info.name, "bold"), rows, _loads(each), each.parser_ran_on or "-", licence)
    screen.print(fit_table(shown, screen))
    for name, folder in folders.items():
        screen.print(f"{name} → {folder}", soft_wrap=True)


def _loads(status: DatasetStatus) -> str:
    sample, full = (sum(each.values()) for each in (status.info.sample_rows, status.info.full_rows))
    if status.prepared is not None:
        return "prepared"
    if not status.has_sample:
        return "-"
    return "all" if sample == full else f"{sample:,}"


def _print_json(statuses: list[DatasetStatus]) -> None:
    import json

    rows = [
        {
            "name": each.info.name,
            "version": each.info.version,
            "rows": dict(each.info.full_rows),
            "sample_rows": dict(each.info.sample_rows),
            "prepared": None if each.prepared is None else str(each.prepared),
            "download_bytes": sum(file.size for file in each.downloads),
            "parser_ran_on": each.parser_ran_on,
            "licence": each.info.licence,
        }
        for each in statuses
    ]
    typer.echo(json.dumps({"datasets": rows}, ensure_ascii=False, indent=2))
