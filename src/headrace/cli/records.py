"""`headrace records`: look into TFRecord files."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["app"]

app = typer.Typer(help="Look into TFRecord files of Examples.", no_args_is_help=True)
Paths = Annotated[str, typer.Argument(help="A file, or a quoted glob such as 'train-*.tfrecord'.")]


@app.command()
def schema(paths: Paths) -> None:
    """Print the features and their types: as written beside the files, or inferred from them."""
    from headrace.data import Dataset

    for field in Dataset.from_records(paths).schema:
        typer.echo(f"{field.name:24}{field.type}{'' if field.nullable else ' (required)'}")


@app.command()
def head(paths: Paths, rows: Annotated[int, typer.Option("-n", help="How many records.", min=1)] = 5) -> None:
    """Print the first records, one JSON object a line; bytes that are no text as their length."""
    import json

    from headrace.data import Dataset

    for batch in Dataset.from_records(paths).take(rows):
        for row in batch.to_pylist():
            typer.echo(json.dumps(row, ensure_ascii=False, default=_brief))


@app.command()
def check(paths: Paths) -> None:
    """Read every record, checksums included, and count; the first broken one is an error."""
    from headrace import records

    report = records.check(paths)
    for file in report.files:
        typer.echo(
            f"{file.path}  {file.records:,} records  {file.bytes:,} bytes{'  DAMAGED' if file.error else ''}"
        )
    report.raise_first()


def _brief(value: object) -> str:
    return f"<{len(value):,} bytes>" if isinstance(value, bytes) else f"<{type(value).__name__}>"
