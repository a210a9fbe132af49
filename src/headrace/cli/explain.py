"""`headrace explain`: print how a transform is computed, or draw its graph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["explain"]


def explain(
    transform: Annotated[
        Path,
        typer.Argument(help="A folder written by Transform.save, or the folder of a run.", metavar="DIR"),
    ],
    plot: Annotated[
        Path | None, typer.Option(help="Draw the graph to this file: .png, .svg or .pdf.")
    ] = None,
) -> None:
    """Print the passes over the data with their statistics, then the row-wise steps with their types."""
    from headrace.transform import Transform

    inside = transform / "transform"
    plan = Transform.load(inside if inside.is_dir() else transform).explain()
    if plot is not None:
        plan.plot(plot)
    typer.echo(str(plan))
