"""`headrace predict`: predict the rows of a file with an exported model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headrace.cli.text_files import ColumnTypes, Delimiter, Encoding, Header, make_origin

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
    delimiter: Delimiter = None,
    header: Header = None,
    encoding: Encoding = None,
    types: ColumnTypes = None,
) -> None:
    """Print one JSON object per row with the model's outputs."""
    import json

    from headrace.columns import TIMESTAMP
    from headrace.data.formats import open_dataset
    from headrace.errors import SchemaError
    from headrace.serving import load

    predictor = load(model)
    strings = {name: "string" for name, dtype in predictor.inputs.items() if dtype == "string"}
    known = {name: type_ for name, type_ in strings.items() if "." not in name}
    if predictor.signature is not None:  # 20240229 is a date, not a number
        dates = [each.name for each in predictor.signature.inputs if each.type == TIMESTAMP]
        known |= dict.fromkeys(dates, "string")
    rows = open_dataset(make_origin(data, delimiter, header, encoding, types, known))
    for batch in (rows if limit is None else rows.take(limit)).batch(1024):
        try:
            answers = predictor.predict(batch)
        except SchemaError as error:  # batches do not carry the file's path
            raise SchemaError(error.what, path=data, feature=error.feature, hint=error.hint) from error
        for row in answers.to_pylist():
            typer.echo(json.dumps(row, ensure_ascii=False))
