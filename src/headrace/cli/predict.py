"""`headrace predict`: predict the rows of a file with an exported model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["predict"]


def predict(
    model: Annotated[Path, typer.Argument(help="An exported ONNX file.")],
    data: Annotated[
        str,
        typer.Argument(
            help="A .csv, .jsonl, .parquet or .tfrecord file, a glob of files, or a folder of images."
        ),
    ],
    limit: Annotated[int | None, typer.Option(help="The maximum number of rows to predict.", min=1)] = None,
) -> None:
    """Print one JSON object per row with the model's outputs."""
    import json

    from headrace.data.formats import open_dataset
    from headrace.errors import SchemaError
    from headrace.serving import load

    predictor = load(model)
    rows = open_dataset(data)
    for batch in (rows if limit is None else rows.take(limit)).batch(1024):
        try:
            answers = predictor.predict(batch)
        except SchemaError as error:  # batches do not carry the file's path
            raise SchemaError(error.what, path=data, feature=error.feature, hint=error.hint) from error
        for row in answers.to_pylist():
            typer.echo(json.dumps(row, ensure_ascii=False))
