"""`headrace transform`: transform all rows of a data set once, ahead of training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headrace.cli.options import Compression, Force
from headrace.cli.text_files import ColumnTypes, Delimiter, Encoding, Header, make_origin

__all__ = ["transform"]


def transform(
    data: Annotated[
        str,
        typer.Argument(
            help="A .csv, .jsonl, .parquet, .arrow or .tfrecord file, a glob of files, or the base name of record files."
        ),
    ],
    transform: Annotated[
        Path,
        typer.Option(help="A folder written by `headrace analyze`, or the folder of a run.", metavar="DIR"),
    ],
    out: Annotated[
        str,
        typer.Option(
            help="The folder and base name of the shards: out/train for out/train-00000-of-00008.tfrecord."
        ),
    ],
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="The format: tfrecord, parquet, arrow, csv or jsonl.",
            show_default="by the extension, else tfrecord",
        ),
    ] = None,
    shards: Annotated[int, typer.Option(help="The number of files.", min=1)] = 1,
    shuffle: Annotated[
        int | None, typer.Option(help="A seed to write the rows in random order.", min=0, metavar="SEED")
    ] = None,
    engine: Annotated[str, typer.Option(help="The engine: local, beam or spark.")] = "local",
    compression: Compression = None,
    force: Force = False,
    delimiter: Delimiter = None,
    header: Header = None,
    encoding: Encoding = None,
    types: ColumnTypes = None,
) -> None:
    """Transform all rows once, ahead of training, and write them as shards.

    The bytes are the same on every engine. If the command is killed, the
    same command continues with the shards that are missing.
    """
    from headrace.cli.drawing.formatting import format_count
    from headrace.cli.drawing.table import make_console
    from headrace.cli.options import parse_compression, refuse_existing
    from headrace.data.formats import open_dataset
    from headrace.data.writing import Destination
    from headrace.progress import progress_bar
    from headrace.transform import Transform

    packed = parse_compression(compression)
    refuse_existing(Destination.create(out, file_format, shards, packed).paths, force)
    inside = transform / "transform"
    loaded = Transform.load(inside if inside.is_dir() else transform)
    rows = open_dataset(make_origin(data, delimiter, header, encoding, types))
    written = 0

    def count(number: int) -> None:
        nonlocal written
        written += number
        bar.advance(number)

    with progress_bar("transform", rows.num_rows, unit="rows") as bar:
        made = loaded.write(
            rows, out, file_format, shards,
            engine=engine, shuffle=shuffle, compression=packed, progress=count if engine == "local" else None,
        )  # fmt: skip
    what = format_count(written, "row") if engine == "local" else data
    more = f" and {len(made) - 1:,} more" if len(made) > 1 else ""
    make_console().print(f"{what} → {made[0]}{more}", soft_wrap=True)
