"""`headrace records check`: verify record files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from headrace.cli.options import Sources

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from headrace.records import CheckReport

__all__ = ["check"]

_MAX_PATH = 44  # characters
_MAX_PLACES = 20  # corrupt places shown per file


def check(
    sources: Sources,
    quarantine: Annotated[
        bool,
        typer.Option(
            "--quarantine", help="Copy corrupt bytes to FILE.corrupt, and their places to FILE.corrupt.jsonl."
        ),
    ] = False,
) -> None:
    """Verify the checksums of all records; exit code 1 if any record is corrupt.

    Corrupt records are skipped: each corrupt place is listed, and all intact
    records are counted. If a set has a manifest, files that differ from it in
    size or records are listed, also with exit code 1.
    """
    from headrace import records
    from headrace.cli.drawing.table import fit_table, make_console
    from headrace.progress import progress_bar

    with progress_bar("check", None, unit="records") as bar:
        report = records.check(sources, quarantine=quarantine, progress=bar.advance)
    _refuse_other_formats(report)
    screen = make_console()
    screen.print(fit_table(_files(report), screen))
    screen.print()
    if not report.ok:
        _print_damage(report, screen, quarantine)
        raise typer.Exit(1)
    screen.print(f"{_total(report)}, all checksums match")


def _files(report: CheckReport) -> Table:
    from headrace.cli.drawing.formatting import format_size
    from headrace.cli.drawing.table import make_cell, make_table

    shown = make_table("file", "records", "size", "", right=("records", "size"))
    for file in report.files:
        if file.lost:
            verdict = make_cell(f"{file.lost.records:,} lost", "bold red")
        elif file.error:
            verdict = make_cell("not of this set", "bold red")
        else:
            verdict = make_cell("intact", "green")
        shown.add_row(_end(file.path), f"{file.records:,}", format_size(file.bytes), verdict)
    return shown


def _print_damage(report: CheckReport, screen: Console, quarantine: bool) -> None:
    """Print the corrupt places of each file, differences from the manifest, and a summary line."""
    from headrace.cli.drawing.formatting import format_count, format_size

    lost = [file.lost for file in report.files if file.lost]
    for file in lost:
        screen.print(file.path, style="bold", soft_wrap=True)
        for loss in file.losses[:_MAX_PLACES]:
            place = (
                f"  record {loss.record:,} at byte {loss.offset:,}: {loss.what} ({format_size(loss.length)})"
            )
            screen.print(place, soft_wrap=True)
        if len(file.losses) > _MAX_PLACES:
            screen.print(f"  and {len(file.losses) - _MAX_PLACES:,} more places")
    for file in report.files:
        if file.error and not file.lost:
            screen.print(file.path, style="bold", soft_wrap=True)
            screen.print(f"  {file.error.what}; {file.error.hint}", soft_wrap=True)
    if quarantine:
        screen.print("wrote the corrupt bytes to FILE.corrupt and their places to FILE.corrupt.jsonl")
    count = sum(file.records for file in lost)
    screen.print(
        f"{_total(report)}; {format_count(count, 'record')} lost in {format_count(len(lost), 'file')}",
        style="bold red",
    )


def _total(report: CheckReport) -> str:
    from headrace.cli.drawing.formatting import format_count, format_size

    files = format_count(len(report.files), "file")
    return f"{format_count(report.records, 'record')} in {files}, {format_size(report.bytes)}"


def _end(path: str) -> str:
    """Return the path, or the end of a long path, where file names differ."""
    from headrace.cli.drawing.formatting import format_text

    shown = format_text(path, 4096)
    return shown if len(shown) <= _MAX_PATH else "…" + shown[1 - _MAX_PATH :]


def _refuse_other_formats(report: CheckReport) -> None:
    """Raise the error of a file that does not start with a record header and has no intact record."""
    from headrace.records.tfrecord import NOT_TFRECORD

    for file in report.files:
        if file.error and not file.records and file.error.what == NOT_TFRECORD:
            raise file.error
