"""`headrace analyze`: analyze data for a preprocessing function, and save the transform."""

from __future__ import annotations

from typing import Annotated

import typer

from headrace.cli.text_files import ColumnTypes, Delimiter, Encoding, Header, make_origin

__all__ = ["analyze"]


def analyze(
    data: Annotated[
        str,
        typer.Argument(
            help="A .csv, .jsonl, .parquet or .tfrecord file, a glob of files, or the base name of record files."
        ),
    ],
    preprocess: Annotated[
        str,
        typer.Option(help="The preprocessing function, in your own Python file.", metavar="FILE.py:FUNCTION"),
    ],
    out: Annotated[
        str, typer.Option(help="The folder to write the transform to; an existing transform is replaced.")
    ],
    engine: Annotated[str, typer.Option(help="The engine: local, beam or spark.")] = "local",
    cache_dir: Annotated[
        str | None,
        typer.Option(help="Cache the statistics of each file here; unchanged files are not read again."),
    ] = None,
    delimiter: Delimiter = None,
    header: Header = None,
    encoding: Encoding = None,
    types: ColumnTypes = None,
) -> None:
    """Compute the statistics that a preprocessing function needs, and save the transform."""
    from headrace.data.formats import open_dataset
    from headrace.recipes import find_function, locate_errors
    from headrace.transform import analyze as run

    file, function = find_function(preprocess)
    with locate_errors(file):
        origin = make_origin(data, delimiter, header, encoding, types)
        transform = run(function, open_dataset(origin), engine=engine, cache_dir=cache_dir)
    transform.save(out)
    typer.echo(
        f"{len(transform.statistics):,} statistics, saved in {out}; run `headrace explain {out}` to see them"
    )
