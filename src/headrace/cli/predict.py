"""`headrace predict`: predictions for the rows of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from headrace.data import Dataset

__all__ = ["predict"]


def predict(
    model: Annotated[Path, typer.Argument(help="An exported ONNX file.")],
    data: Annotated[
        str, typer.Argument(help="A .csv, .csv.gz, .parquet or .tfrecord file, or a glob of them.")
    ],
    limit: Annotated[int | None, typer.Option(help="Only so many rows.", min=1)] = None,
) -> None:
    """Print one JSON object a row, with the model's outputs."""
    import json

    from headrace.deploy import load
    from headrace.errors import SchemaError

    predictor = load(model)
    rows = dataset_of(data)
    for batch in (rows if limit is None else rows.take(limit)).batch(1024):
        try:
            answers = predictor.predict(batch)
        except SchemaError as error:  # a batch does not know the file it came from
            raise SchemaError(error.what, path=data, feature=error.feature, way_out=error.way_out) from error
        for row in answers.to_pylist():
            typer.echo(json.dumps(row, ensure_ascii=False))


def dataset_of(path: str) -> Dataset:
    """The dataset of a file, by its ending.

    Raises:
        UsageError: The ending is none of those that are known.
    """
    from headrace.data import Dataset
    from headrace.errors import UsageError

    if path.endswith((".csv", ".csv.gz")):
        return Dataset.from_csv(path)
    if path.endswith(".parquet"):
        return Dataset.from_parquet(path)
    if ".tfrecord" in path:
        return Dataset.from_records(path)
    raise UsageError(
        "no kind of data has this ending", path=path, way_out="give a .csv, .parquet or .tfrecord file"
    )
