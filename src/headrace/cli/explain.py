"""`headrace explain`: how a transform is computed, as text and as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["explain"]


def explain(
    transform: Annotated[
        Path, typer.Argument(help="A directory that Transform.save wrote, or a run's folder.", metavar="DIR")
    ],
    plot: Annotated[Path | None, typer.Option(help="Draw the graph here: .png, .svg or .pdf.")] = None,
) -> None:
    """Print the passes over the data with what each finds, then the steps row by row, with types."""
    from headrace.transform import Transform

    inside = transform / "transform"
    plan = Transform.load(inside if inside.is_dir() else transform).explain()
    if plot is not None:
        plan.plot(plot)
    typer.echo(str(plan))
