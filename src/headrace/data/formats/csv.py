"""CSV files, with JSON text in the cells where a value is not a single number, string or date."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import pyarrow as pa

from headrace.data.dataset import Dataset
from headrace.data.formats.format import (
    NAN_BECOMES_NULL,
    Destination,
    Format,
    Origin,
    describe_loss,
    is_float,
)
from headrace.data.json_values import from_json
from headrace.data.sinks import fits_in_cell, write_csv
from headrace.data.sources import CsvSource
from headrace.records.schema import arrow_schema

__all__ = ["CSV"]


def _parse_json_cells(schema: pa.Schema, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Parse the cells of JSON text into the lists, tensors and bytes of `schema`."""
    columns = [
        batch[field.name]
        if fits_in_cell(field.type)
        else from_json(batch[field.name], field.type, field.name)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _read(origin: Origin) -> Dataset:
    if origin.schema is None:
        return Dataset(CsvSource.from_paths(origin.path, dialect=origin.dialect, types=origin.types))
    wanted = arrow_schema(origin.schema)
    cells = [field if fits_in_cell(field.type) else pa.field(field.name, pa.string()) for field in wanted]
    rows = Dataset(CsvSource.from_paths(origin.path, pa.schema(cells), None, origin.dialect, origin.types))
    if all(fits_in_cell(field.type) for field in wanted):
        return rows
    return rows.map(partial(_parse_json_cells, wanted))


def _write(batches: Iterable[pa.RecordBatch], to: Destination) -> list[str]:
    return write_csv(to.path, batches, arrow_schema(to.schema), to.shards)


def _is_json_cell(field: pa.Field) -> bool:
    return not fits_in_cell(field.type)


def _is_nullable_text(field: pa.Field) -> bool:
    return field.nullable and (pa.types.is_string(field.type) or pa.types.is_large_string(field.type))


def _is_json_float(field: pa.Field) -> bool:
    return is_float(field) and _is_json_cell(field)


def _list_losses(to: Destination) -> list[str]:
    schema = arrow_schema(to.schema)
    return [
        *describe_loss(schema, _is_json_cell, "written as JSON text in the cells"),
        *describe_loss(schema, _is_nullable_text, "missing strings become empty"),
        *describe_loss(schema, _is_json_float, NAN_BECOMES_NULL),
    ]


CSV = Format(
    name="csv",
    extensions=tuple(name + end for name in (".csv", ".tsv") for end in ("", ".gz", ".bz2", ".zst")),
    read=_read,
    write=_write,
    list_losses=_list_losses,
    read_options=frozenset({"dialect", "types"}),
)
