"""`headrace records check`: whether record files are whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from headrace.cli.records.arguments import Sources

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from headrace.records import CheckReport

__all__ = ["check"]

_LONGEST_PATH = 44
_MOST_PLACES = 20  # damaged places shown of a file


def check(
    sources: Sources,
    quarantine: Annotated[
        bool,
        typer.Option(
            "--quarantine", help="Copy damaged bytes to FILE.corrupt, and their places to FILE.corrupt.jsonl."
        ),
    ] = False,
) -> None:
    """Read every record of every file, checksums included; exit code 1 if any is damaged.

    What is damaged is passed over: every damaged place is told, and every whole record counted.
    """
    from headrace import records
    from headrace.cli.records.table import console, fit
    from headrace.progress import progress_bar

    with progress_bar("check", None, unit="records") as bar:
        report = records.check(sources, quarantine=quarantine, progress=bar.advance)
    _refuse_other_formats(report)
    screen = console()
    screen.print(fit(_files(report), screen))
    screen.print()
    if not report.ok:
        _print_damage(report, screen, quarantine)
        raise typer.Exit(1)
    screen.print(f"{_total(report)}, every checksum right")


def _files(report: CheckReport) -> Table:
    from headrace.cli.records.formatting import size
    from headrace.cli.records.table import cell, table

    shown = table("file", "records", "size", "", right=("records", "size"))
    for file in report.files:
        verdict = cell(f"{file.lost.records:,} lost", "bold red") if file.lost else cell("whole", "green")
        shown.add_row(_end(file.path), f"{file.records:,}", size(file.bytes), verdict)
    return shown


def _print_damage(report: CheckReport, screen: Console, quarantine: bool) -> None:
    """Every place, and a last line in sum."""
    from headrace.cli.records.formatting import count_of, size

    lost = [file.lost for file in report.files if file.lost]
    for file in lost:
        screen.print(file.path, style="bold", soft_wrap=True)
        for loss in file.losses[:_MOST_PLACES]:
            place = f"  record {loss.record:,} at byte {loss.offset:,}: {loss.what} ({size(loss.length)})"
            screen.print(place, soft_wrap=True)
        if len(file.losses) > _MOST_PLACES:
            screen.print(f"  and {len(file.losses) - _MOST_PLACES:,} more places")
    if quarantine:
        screen.print("the damaged bytes are in FILE.corrupt, their places in FILE.corrupt.jsonl")
    many = sum(file.records for file in lost)
    screen.print(
        f"{_total(report)}; {count_of(many, 'record')} lost in {len(lost):,} of them", style="bold red"
    )


def _total(report: CheckReport) -> str:
    from headrace.cli.records.formatting import count_of, size

    files = count_of(len(report.files), "file")
    return f"{count_of(report.records, 'record')} in {files}, {size(report.bytes)}"


def _end(path: str) -> str:
    """The path, or if it is long its end, which tells files apart."""
    from headrace.cli.records.formatting import printable

    shown = printable(path, 4096)
    return shown if len(shown) <= _LONGEST_PATH else "…" + shown[1 - _LONGEST_PATH :]


def _refuse_other_formats(report: CheckReport) -> None:
    """A file without one whole record that does not start like one is no damaged TFRecord file."""
    for file in report.files:
        if file.error and not file.records and "no TFRecord file" in file.error.what:
            raise file.error
