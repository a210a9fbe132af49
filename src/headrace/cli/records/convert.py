"""`headrace records convert`: convert between TFRecord, Parquet, CSV, JSON lines and folders of images."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from headrace.cli.options import Compression, Force, Shards, parse_compression, refuse_existing
from headrace.cli.text_files import ColumnTypes, Delimiter, Encoding, Header, make_origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from headrace.data import Dataset
    from headrace.data.formats import Destination, Format
    from headrace.progress import Bar
    from headrace.records.schema import RecordSchema

__all__ = ["convert"]

_WRITTEN = "tfrecord, parquet, arrow, csv, jsonl or images"
_READ = "tfrecord, parquet, arrow, csv, jsonl, images, webdataset or array_record"


def convert(
    source: Annotated[str, typer.Argument(help="A file, a quoted glob, a base name, or a folder of images.")],
    destination: Annotated[str, typer.Argument(help="The new file, or a new folder for images.")],
    from_format: Annotated[
        str | None,
        typer.Option("--from", help=f"The source's format: {_READ}.", show_default="by its extension"),
    ] = None,
    into_format: Annotated[
        str | None,
        typer.Option("--to", help=f"The destination's format: {_WRITTEN}.", show_default="by its extension"),
    ] = None,
    schema: Annotated[
        str | None, typer.Option(help="Read the source with this schema file, as printed by `schema --json`.")
    ] = None,
    shards: Shards = 1,
    compression: Compression = None,
    image: Annotated[
        str | None,
        typer.Option(help="The column of images, for a folder of images.", show_default="the only one"),
    ] = None,
    label: Annotated[
        str | None, typer.Option(help="The column of labels, for a folder of images.", show_default="label")
    ] = None,
    serialized: Annotated[
        str | None,
        typer.Option(help="Columns to store as serialised tensors in TFRecord files, separated by commas."),
    ] = None,
    force: Force = False,
    delimiter: Delimiter = None,
    header: Header = None,
    encoding: Encoding = None,
    types: ColumnTypes = None,
) -> None:
    """Convert between TFRecord, Parquet, CSV, JSON lines and folders of images, in constant memory.

    Tar archives of webdataset and ArrayRecord files are read, too.
    Formats are detected by file extension. A value that the destination's
    format cannot store is an error, or is listed in a note. The new files
    appear only when they are complete.
    """
    from headrace.cli.drawing.formatting import format_count
    from headrace.cli.drawing.table import make_console
    from headrace.data.formats import find_format, find_source_format
    from headrace.progress import progress_bar
    from headrace.records import read_schema

    given = None if schema is None else read_schema(schema)
    to_format = find_format(destination, into_format)
    origin = replace(make_origin(source, delimiter, header, encoding, types), schema=given)
    data = find_source_format(source, from_format).open(origin)
    to = _destination(
        destination, to_format, _serialize(_schema_of(data, given), serialized, to_format), shards,
        compression, image, label,
    )  # fmt: skip
    refuse_existing(to_format.output_paths(to), force)
    rows, losses = data.num_rows, to_format.list_losses(to)
    counter = _Counter()
    with progress_bar("convert", rows, unit="rows") as bar:
        made = to_format.write(counter.through(data, bar), to)
    for loss in losses:
        typer.echo(f"note: {loss}", err=True)
    more = f" and {len(made) - 1:,} more" if len(made) > 1 else ""
    make_console().print(f"{format_count(counter.rows, 'row')} → {made[0]}{more}", soft_wrap=True)


class _Counter:
    """Counts the rows of a stream and advances a progress bar."""

    def __init__(self) -> None:
        self.rows = 0

    def through(self, batches: Iterable[pa.RecordBatch], bar: Bar) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield batch
            self.rows += batch.num_rows
            bar.advance(batch.num_rows)


def _schema_of(data: Dataset, given: RecordSchema | None) -> RecordSchema:
    """Return the schema to write; SequenceExamples remain SequenceExamples."""
    from headrace.data.sources import RecordSource
    from headrace.records import SequenceSchema

    if given is not None:
        return given
    found = data.source.declared if isinstance(data.source, RecordSource) else None
    return found if isinstance(found, SequenceSchema) else data.schema


def _serialize(schema: RecordSchema, columns: str | None, to_format: Format) -> RecordSchema:
    from headrace.errors import UsageError
    from headrace.records.schema import serialize_schema

    names = [name.strip() for name in (columns or "").split(",") if name.strip()]
    if names and to_format.name != "tfrecord":
        raise UsageError("--serialized applies to TFRecord only", hint="leave it out")
    return serialize_schema(schema, names)


def _destination(
    path: str, to_format: Format, schema: RecordSchema, shards: int, compression: str | None,
    image: str | None, label: str | None,
) -> Destination:  # fmt: skip
    from headrace.data.formats import Destination
    from headrace.data.sinks import find_image_columns
    from headrace.errors import UsageError
    from headrace.records.schema import arrow_schema

    packed = parse_compression(compression)
    if packed and to_format.name != "tfrecord":
        raise UsageError(
            "--compression applies to TFRecord only", path=path, hint="add .gz to a .csv or .jsonl file name"
        )
    columns = find_image_columns(arrow_schema(schema), image, label) if to_format.name == "images" else None
    return Destination(path, schema, shards, packed, columns)
