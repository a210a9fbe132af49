"""The formats that data can be read from and written to, known by their names or by files' endings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa

from headrace import records
from headrace.data.dataset import Dataset
from headrace.data.json_values import from_json
from headrace.data.sinks import ImageColumns, write_csv, write_images, write_json_lines, write_parquet
from headrace.data.sinks.csv import is_cell
from headrace.data.sinks.shards import shard_names
from headrace.errors import UsageError
from headrace.records.reading import find_schema
from headrace.records.schema import RecordSchema, arrow_schema
from headrace.records.tfrecord import holds_records, resolve, shard_paths

__all__ = ["FORMATS", "Destination", "Format", "dataset_of", "format_of", "source_format"]

Batches = Iterable[pa.RecordBatch]

_NO_NAN = "any NaN becomes null in JSON"


@dataclass(frozen=True)
class Destination:
    """Where batches go to, and how.

    Attributes:
        path: The file, base name or folder.
        schema: What is written.
        shards: How many files.
        compression: For record files: None, "gzip" or "zlib"; None goes by the name.
        images: For a folder of images, the columns it is made of.
    """

    path: str
    schema: RecordSchema
    shards: int = 1
    compression: str | None = None
    images: ImageColumns | None = None


@dataclass(frozen=True)
class Format:
    """One way to keep data.

    Attributes:
        name: What users call it.
        endings: The endings of its files' names; of a folder, none.
        read: The dataset of a path or glob, read by a schema if one is given.
        write: Writes batches; the names of what was written.
        names: The files that `write` will make.
        losses: What is not written as it is, a sentence each.
    """

    name: str
    endings: tuple[str, ...]
    read: Callable[[str, RecordSchema | None], Dataset]
    write: Callable[[Batches, Destination], list[str]]
    names: Callable[[Destination], list[str]]
    losses: Callable[[Destination], list[str]]


def _named(names: list[str]) -> str:
    shown = ", ".join(names[:5])
    return shown + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")


def _lost(schema: pa.Schema, of: Callable[[pa.Field], bool], what: str) -> list[str]:
    """One sentence about the fields concerned, if there are any."""
    found = [field.name for field in schema if of(field)]
    return [f"{what}: {_named(found)}"] if found else []


def _is_text(field: pa.Field) -> bool:
    return pa.types.is_string(field.type) or pa.types.is_large_string(field.type)


def _leaf(type_: pa.DataType) -> pa.DataType:
    nested = isinstance(type_, pa.FixedShapeTensorType) or pa.types.is_nested(type_)
    return _leaf(type_.value_type) if nested and not pa.types.is_struct(type_) else type_


def _is_bytes(field: pa.Field) -> bool:
    leaf = _leaf(field.type)
    return pa.types.is_binary(leaf) or pa.types.is_large_binary(leaf)


def _is_wide(field: pa.Field) -> bool:
    return pa.types.is_float64(_leaf(field.type))


def _is_float(field: pa.Field) -> bool:
    return pa.types.is_floating(_leaf(field.type))


def _read_records(path: str, schema: RecordSchema | None) -> Dataset:
    return Dataset.from_records(path, find_schema(resolve(path)) if schema is None else schema)


def _write_records(batches: Batches, to: Destination) -> list[str]:
    return records.write(to.path, batches, shards=to.shards, compression=to.compression, schema=to.schema)


def _record_names(to: Destination) -> list[str]:
    return shard_paths(to.path, to.shards, to.compression)[0]


def _record_losses(to: Destination) -> list[str]:
    return _lost(arrow_schema(to.schema), _is_wide, "float64 becomes float32, the widest an Example holds")


def _read_parquet(path: str, schema: RecordSchema | None) -> Dataset:
    if schema is not None:
        raise UsageError("a Parquet file has a schema of its own", path=path, hint="leave the schema out")
    return Dataset.from_parquet(path)


def _write_parquet(batches: Batches, to: Destination) -> list[str]:
    return write_parquet(to.path, batches, arrow_schema(to.schema), to.shards)


def _decoded(schema: pa.Schema, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Cells of JSON text as the lists, tensors and bytes they stand for."""
    columns = [
        batch[field.name] if is_cell(field.type) else from_json(batch[field.name], field.type, field.name)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _read_csv(path: str, schema: RecordSchema | None) -> Dataset:
    if schema is None:
        return Dataset.from_csv(path)
    wanted = arrow_schema(schema)
    cells = [field if is_cell(field.type) else pa.field(field.name, pa.string()) for field in wanted]
    rows = Dataset.from_csv(path, pa.schema(cells))
    return rows if all(is_cell(field.type) for field in wanted) else rows.map(partial(_decoded, wanted))


def _write_csv(batches: Batches, to: Destination) -> list[str]:
    return write_csv(to.path, batches, arrow_schema(to.schema), to.shards)


def _csv_losses(to: Destination) -> list[str]:
    schema = arrow_schema(to.schema)
    nested = _lost(schema, lambda field: not is_cell(field.type), "JSON text in the cells")
    empty = _lost(schema, lambda field: _is_text(field) and field.nullable, "missing strings become empty")
    no_nan = _lost(schema, lambda field: _is_float(field) and not is_cell(field.type), _NO_NAN)
    return [*nested, *empty, *no_nan]


def _read_json_lines(path: str, schema: RecordSchema | None) -> Dataset:
    return Dataset.from_json_lines(path, None if schema is None else arrow_schema(schema))


def _write_json_lines(batches: Batches, to: Destination) -> list[str]:
    return write_json_lines(to.path, batches, arrow_schema(to.schema), to.shards)


def _json_losses(to: Destination) -> list[str]:
    schema = arrow_schema(to.schema)
    return [*_lost(schema, _is_bytes, 'bytes become {"base64": "..."}'), *_lost(schema, _is_float, _NO_NAN)]


def _read_images(path: str, schema: RecordSchema | None) -> Dataset:
    if schema is not None:
        raise UsageError("images have a schema of their own", path=path, hint="leave the schema out")
    return Dataset.from_images(path)


def _image_columns(to: Destination) -> ImageColumns:
    if to.images is None:
        raise UsageError("no image column", path=to.path, hint="name it")
    if to.shards != 1:
        raise UsageError("a folder of images has no shards", path=to.path, hint="leave them out")
    return to.images


def _write_images(batches: Batches, to: Destination) -> list[str]:
    return write_images(to.path, batches, _image_columns(to))


def _image_losses(to: Destination) -> list[str]:
    others = _image_columns(to).others(arrow_schema(to.schema))
    return [f"left out, as a folder of images has no place for it: {_named(others)}"] if others else []


def _names(to: Destination) -> list[str]:
    return shard_names(to.path, to.shards)


def _nothing(_to: Destination) -> list[str]:
    return []


FORMATS = (
    Format(
        "tfrecord",
        (".tfrecord", ".tfrecords", ".tfrecord.gz", ".tfrecords.gz", ".tfrecord.zz", ".tfrecords.zz"),
        _read_records, _write_records, _record_names, _record_losses,
    ),
    Format("parquet", (".parquet", ".pq"), _read_parquet, _write_parquet, _names, _nothing),
    Format("csv", (".csv", ".csv.gz"), _read_csv, _write_csv, _names, _csv_losses),
    Format(
        "jsonl", (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz"),
        _read_json_lines, _write_json_lines, _names, _json_losses,
    ),
    Format("images", (), _read_images, _write_images, _nothing, _image_losses),
)  # fmt: skip


def format_of(path: str, name: str | None = None) -> Format:
    """The format of this name, else of the path's ending; of a folder, images.

    Raises:
        UsageError: There is no such name or ending.
    """
    known = ", ".join(each.name for each in FORMATS)
    if name is not None:
        found = next((each for each in FORMATS if each.name == name), None)
        if found is None:
            raise UsageError(f"there is no format {name!r}", path=path, hint=f"choose one of {known}")
        return found
    if Path(path).is_dir() or path.endswith("/"):
        return format_of(path, "images")
    for each in FORMATS:
        if each.endings and path.endswith(each.endings):
            return each
    endings = ".tfrecord, .parquet, .csv or .jsonl"
    raise UsageError(
        "no format has this ending", path=path, hint=f"give a name in {endings}, or the format: {known}"
    )


def source_format(path: str, name: str | None = None) -> Format:
    """The same, of a source: without an ending, it may be record files' base name, or hold records.

    Raises:
        UsageError: There is no such name, ending or file.
    """
    try:
        return format_of(path, name)
    except UsageError:
        if name is not None:
            raise
        first, *_ = resolve(path)
        record_files = format_of(path, "tfrecord")
        if not (first.endswith(record_files.endings) or holds_records(first)):
            raise
        return record_files


def dataset_of(path: str) -> Dataset:
    """The dataset of a file, glob, folder or base name of record files, by its ending.

    Raises:
        UsageError: No format has this ending, or there is no such file.
    """
    return source_format(path).read(path, None)
