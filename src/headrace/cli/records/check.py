"""`headrace records check`: whether record files are whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from headrace.cli.records.arguments import Sources

if TYPE_CHECKING:
    from headrace.records import FileCheck

__all__ = ["check"]

_LONGEST_PATH = 50


def check(sources: Sources) -> None:
    """Read every record of every file, checksums included; exit code 1 if any is damaged."""
    from headrace import records
    from headrace.cli.records.brief import count_of, size
    from headrace.cli.records.table import cell, console, fit, table

    report = records.check(sources)
    _refuse_other_formats(report.files)
    shown = table("file", "records", "size", "", right=("records", "size"))
    for file in report.files:
        verdict = cell("damaged", "bold red") if file.error else cell("whole", "green")
        shown.add_row(_end(file.path), f"{file.records:,}", size(file.bytes), verdict)
    screen = console()
    screen.print(fit(shown, screen))
    damaged = [file.error for file in report.files if file.error]
    screen.print()
    for error in damaged:
        screen.print(str(error), soft_wrap=True)
    total = f"{count_of(report.records, 'record')} in {count_of(len(report.files), 'file')}"
    if damaged:
        screen.print(f"{total}; {len(damaged):,} damaged", style="bold red")
        raise typer.Exit(1)
    screen.print(f"{total}, {size(report.bytes)}, every checksum right")


def _end(path: str) -> str:
    """The path, or if it is long its end, which tells files apart."""
    from headrace.cli.records.brief import printable

    shown = printable(path, 4096)
    return shown if len(shown) <= _LONGEST_PATH else "…" + shown[1 - _LONGEST_PATH :]


def _refuse_other_formats(files: tuple[FileCheck, ...]) -> None:
    """A file without one record that does not start like one is no damaged TFRecord file but another thing."""
    for file in files:
        if file.error and not file.records and "no TFRecord file" in file.error.what:
            raise file.error
