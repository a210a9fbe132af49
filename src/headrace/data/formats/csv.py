"""CSV files, with JSON text in the cells where a value is not a single number, string or date."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from headrace.data import sinks, sources
from headrace.data.formats.format import (
    NAN_BECOMES_NULL,
    Destination,
    Format,
    Origin,
    describe_loss,
    is_float,
)

if TYPE_CHECKING:
    from headrace.data.dataset import Dataset

__all__ = ["CSV"]


def _parse_json_cells(schema: pa.Schema, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Parse the cells of JSON text into the lists, tensors and bytes of `schema`."""
    from headrace.data.json_values import from_json

    columns = [
        batch[field.name]
        if sinks.fits_in_cell(field.type)
        else from_json(batch[field.name], field.type, field.name)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _open(origin: Origin) -> sources.CsvSource:
    schema = origin.columns
    if schema is not None:
        cells = [f if sinks.fits_in_cell(f.type) else pa.field(f.name, pa.string()) for f in schema]
        schema = pa.schema(cells)
    return sources.CsvSource.from_paths(origin.path, schema, None, origin.dialect, origin.types)


def _decode(rows: Dataset, origin: Origin) -> Dataset:
    schema = origin.columns
    if schema is None or all(sinks.fits_in_cell(field.type) for field in schema):
        return rows
    return rows.map(partial(_parse_json_cells, schema))


def _write(batches: Iterable[pa.RecordBatch], to: Destination) -> list[str]:
    return sinks.write_csv(to.path, batches, to.columns, to.shards)


def _is_json_cell(field: pa.Field) -> bool:
    return not sinks.fits_in_cell(field.type)


def _is_nullable_text(field: pa.Field) -> bool:
    return field.nullable and (pa.types.is_string(field.type) or pa.types.is_large_string(field.type))


def _is_json_float(field: pa.Field) -> bool:
    return is_float(field) and _is_json_cell(field)


def _list_losses(to: Destination) -> list[str]:
    schema = to.columns
    return [
        *describe_loss(schema, _is_json_cell, "written as JSON text in the cells"),
        *describe_loss(schema, _is_nullable_text, "missing strings become empty"),
        *describe_loss(schema, _is_json_float, NAN_BECOMES_NULL),
    ]


CSV = Format(
    name="csv",
    extensions=tuple(name + end for name in (".csv", ".tsv") for end in ("", ".gz", ".bz2", ".zst")),
    open_source=_open,
    decode=_decode,
    write=_write,
    list_losses=_list_losses,
    read_options=frozenset({"dialect", "types"}),
)
