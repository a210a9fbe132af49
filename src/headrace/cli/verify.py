"""`headrace verify`: compare a deployed model with the training path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from headrace.errors import ModelError
from headrace.extras import require

if TYPE_CHECKING:
    from rich.console import Console

    from headrace.deploy import Verdict

__all__ = ["print_verdict", "verify"]


def verify(
    model: Annotated[
        Path, typer.Argument(help="The folder of a run, or the model.onnx in it.", metavar="RUN")
    ],
) -> None:
    """Compare the training path with ONNX Runtime over the whole test set; exit code 1 if they differ.

    The training path is rebuilt from the run's folder: its recipe is executed,
    so verify only runs you trust.
    """
    model = model / "model.onnx" if model.is_dir() else model
    if not model.is_file():
        raise ModelError(
            "the file does not exist", path=str(model), hint="check the path, or run a recipe first"
        )
    require("torch", extra="train", purpose="headrace verify")
    from rich.console import Console

    from headrace.recipes import reopen, verify_model

    verdict = verify_model(reopen(model.parent), model)
    print_verdict(verdict, Console(highlight=False))
    if not verdict.passed:
        raise typer.Exit(1)


def print_verdict(verdict: Verdict, console: Console) -> None:
    """Print one line per output, what was tried, the verdict, and the rows that differ."""
    from rich.table import Table

    table = Table(
        "output",
        "values compared",
        "largest difference",
        "mismatches",
        box=None,
        padding=(0, 2),
        pad_edge=False,
    )
    for check in verdict.outputs:
        largest = (
            "identical"
            if check.tolerance == 0 and not check.mismatches
            else f"{check.largest_difference:.1e}"
        )
        table.add_row(check.output, f"{check.values:,}", largest, f"{check.mismatches:,}")
    console.print(table)
    word = "[green]no skew[/green]" if verdict.passed else "[bold red]SKEW[/bold red]"
    line = f"{word}: training path and ONNX Runtime compared on {verdict.rows:,} test rows"
    console.print(line, soft_wrap=True)
    if verdict.trials:
        tried = f"fed as {', '.join(verdict.ways)}; in batches of {'; '.join(verdict.batches)}"
        console.print(tried, markup=False, soft_wrap=True)
    for kind, lines in (("note", verdict.notes), ("differs", verdict.problems)):
        for line in lines:
            console.print(f"{kind}: {line}", markup=False, soft_wrap=True)
