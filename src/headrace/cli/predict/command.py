"""The command and its options."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from headrace.cli.options import Force
from headrace.cli.text_files import ColumnTypes, Delimiter, Encoding, Header, make_origin

if TYPE_CHECKING:
    from headrace.serving import Predictor
    from headrace.serving.files import ImageFilePredictions

__all__ = ["predict"]


def predict(
    model: Annotated[Path, typer.Argument(help="An exported ONNX file.")],
    data: Annotated[
        list[str],
        typer.Argument(
            help="CSV, JSON, JSON lines, Parquet, Arrow or TFRecord files, images, folders of images, "
            "quoted globs of files, or - for standard input.",
            metavar="INPUT...",
            show_default=False,
        ),
    ],
    out: Annotated[
        str | None,
        typer.Option(
            help="The file to write: .csv, .jsonl, .parquet or .arrow. It appears when it is complete.",
            show_default="standard output",
        ),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            help="Columns of the input to put beside the answers, such as id,name.", metavar="COLUMNS"
        ),
    ] = None,
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="The format of the answers: jsonl or csv, and with --out parquet or arrow, too.",
            show_default="by the extension, else jsonl",
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(help="The maximum number of rows to predict.", min=1)] = None,
    threads: Annotated[
        int | None, typer.Option(help="The threads of the model.", min=1, show_default="one per CPU")
    ] = None,
    force: Force = False,
    delimiter: Delimiter = None,
    header: Header = None,
    encoding: Encoding = None,
    types: ColumnTypes = None,
) -> None:
    """Predict the rows of files, in constant memory.

    Prints one JSON object per row, or writes a file. Text is read with the
    types of the model; columns that it does not need are ignored. Of images,
    with or without class folders, each answer carries the path.
    """
    from headrace.cli.predict.inputs import open_inputs, parse_names
    from headrace.cli.predict.output import choose_output
    from headrace.serving import load

    output = choose_output(out, file_format, data, force)
    predictor = load(model, threads)
    kept = parse_names(keep)
    with open_inputs(data) as paths:
        answers = _predict_images(predictor, paths, kept, limit)
        if answers is None:
            from headrace.serving.files import predict_files  # loads Arrow's reader of CSV

            origins = [make_origin(path, delimiter, header, encoding, types) for path in paths]
            answers = predict_files(predictor, origins, kept, limit)
        output.write(answers)


def _predict_images(
    predictor: Predictor, paths: Sequence[str], kept: Sequence[str], limit: int | None
) -> ImageFilePredictions | None:
    """Predict image files; None for a model that does not read them, or paths that are not images."""
    if not predictor.takes_images:
        return None
    from headrace.data.sources import list_image_files
    from headrace.serving.files import predict_image_files, takes_image_files

    images = list_image_files(paths) if takes_image_files(predictor) else None
    return None if images is None else predict_image_files(predictor, images, kept, limit)
