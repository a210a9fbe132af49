"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Code", "DataDir", "Name", "import_code"]

Name = Annotated[str, typer.Argument(help="A data set of `headrace datasets list`, or a folder of one.")]
DataDir = Annotated[
    Path | None,
    typer.Option(
        help="The folder of all data sets.", show_default="$HEADRACE_DATA_DIR, or else ~/.cache/headrace"
    ),
]
Code = Annotated[
    Path | None,
    typer.Option(help="A Python file whose functions with @hr.datasets.builder are data sets, too."),
]


def import_code(code: Path | None) -> None:
    """Execute the user's file, so that its data sets are found."""
    if code is not None:
        from headrace.recipes import import_file

        import_file(code)
