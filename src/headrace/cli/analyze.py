"""`headrace analyze`: a preprocessing function and data to a frozen transform."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["analyze"]


def analyze(
    data: Annotated[
        str,
        typer.Argument(
            help="A .csv, .jsonl, .parquet or .tfrecord file, a glob of them, or record files' base name."
        ),
    ],
    preprocess: Annotated[
        str, typer.Option(help="The function, in a Python file of yours.", metavar="FILE.py:FUNCTION")
    ],
    out: Annotated[Path, typer.Option(help="The folder of the transform; one that is there is replaced.")],
    engine: Annotated[str, typer.Option(help="local, beam or spark.")] = "local",
    cache_dir: Annotated[
        Path | None,
        typer.Option(help="Keep what is found of each file here; files that stay are not read again."),
    ] = None,
) -> None:
    """Find every statistic that a preprocessing function asks for, and save the transform."""
    from headrace.data.formats import open_dataset
    from headrace.recipes import find_function, locate_errors
    from headrace.transform import analyze as run

    file, function = find_function(preprocess)
    with locate_errors(file):
        transform = run(function, open_dataset(data), engine=engine, cache_dir=cache_dir)
    transform.save(out)
    typer.echo(f"{len(transform.statistics):,} statistics, saved in {out}; see headrace explain {out}")
