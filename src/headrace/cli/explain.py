"""`headrace explain`: print how a transform is computed, or draw its graph; print what a model reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["explain"]


def explain(
    path: Annotated[
        Path,
        typer.Argument(
            help="A folder written by Transform.save, the folder of a run, or an exported ONNX file.",
            metavar="DIR_OR_MODEL",
        ),
    ],
    plot: Annotated[
        Path | None, typer.Option(help="Draw the graph to this file: .png, .svg or .pdf.")
    ] = None,
) -> None:
    """Print how a transform is computed: passes over the data, then row-wise steps; or what a model reads.

    Of a model, print its signature and a program of plain ONNX Runtime that answers its example row.
    """
    if path.is_file():
        if plot is not None:
            from headrace.errors import UsageError

            raise UsageError("--plot draws a transform", path=str(path), hint="name the folder of the run")
        typer.echo(_explain_model(path))
        return
    from headrace.transform import Transform

    inside = path / "transform"
    plan = Transform.load(inside if inside.is_dir() else path).explain()
    if plot is not None:
        plan.plot(plot)
    typer.echo(str(plan))


def _explain_model(path: Path) -> str:
    from headrace.errors import ModelError
    from headrace.serving import load
    from headrace.serving.explanation import describe_model, write_snippet

    signature = load(path).signature
    if signature is None:
        raise ModelError("the file has no signature", path=str(path), hint="export the model again")
    return f"{describe_model(signature)}\n\n{write_snippet(signature, str(path))}"
