"""`headrace datasets verify`: check files, rows, columns and classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from headrace.cli.datasets.options import Code, DataDir, Name, import_code
from headrace.cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from headrace.datasets import VerificationReport

__all__ = ["verify"]


def verify(name: Name, data_dir: DataDir = None, code: Code = None, as_json: AsJson = False) -> None:
    """Read all rows and compare them with the card; exit code 1 if anything is wrong.

    Verifies the checksum of every record, and those of downloaded files, the
    rows of each split, the columns and their types, and counts the rows of
    each class, and rows that two splits share.
    """
    import_code(code)
    from headrace import datasets
    from headrace.cli.drawing.table import make_console
    from headrace.progress import progress_bar

    with progress_bar("verify", None, unit="rows") as bar:
        report = datasets.verify(name, data_dir, progress=bar.advance)
    if as_json:
        _print_json(report)
    else:
        _print(report, make_console())
    if not report.ok:
        raise typer.Exit(1)


def _print_json(report: VerificationReport) -> None:
    import json
    from dataclasses import asdict

    splits = [asdict(each) for each in report.splits]
    found = {"name": report.info.name, "version": report.info.version, "ok": report.ok}
    shared = [asdict(each) for each in report.shared]
    found = {**found, "splits": splits, "downloads": report.downloads, "shared": shared}
    typer.echo(json.dumps(found, indent=2))


def _print(report: VerificationReport, screen: Console) -> None:
    from headrace.cli.drawing.table import fit_table, make_cell, make_table

    shown = make_table("split", "rows", "rows per class", "", right=("rows",))
    for split in report.splits:
        verdict = make_cell("wrong", "bold red") if split.problems else make_cell("as the card says", "green")
        shown.add_row(
            make_cell(split.name, "bold"), f"{split.rows:,}", _describe_balance(split.class_rows), verdict
        )
    screen.print(fit_table(shown, screen))
    for split in report.splits:
        for problem in split.problems:
            screen.print(f"{split.name}: {problem}", style="red", soft_wrap=True)
    for each in report.shared:
        rows = ", ".join(
            f"{each.second}[{second}] = {each.first}[{first}]" for first, second in each.examples
        )
        line = f"{each.second}: the inputs of {each.rows:,} rows are also in '{each.first}': {rows}"
        screen.print(line, style="yellow", soft_wrap=True, markup=False)
    for path, problem in report.downloads.items():
        line = problem or f"{path}: as published"
        screen.print(line, style="red" if problem else "dim", soft_wrap=True)


def _describe_balance(rows: Mapping[str, int]) -> str:
    if not rows:
        return "-"
    low, high = min(rows, key=rows.__getitem__), max(rows, key=rows.__getitem__)
    if rows[low] == rows[high]:
        return f"{rows[low]:,} of each of {len(rows)}"
    return f"{len(rows)}, from {rows[low]:,} ({low}) to {rows[high]:,} ({high})"
