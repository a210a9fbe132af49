"""Write CSV files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import partial
from pathlib import PurePath
from typing import Any

import pyarrow as pa
from pyarrow import csv

from headrace import arrow_compute as pc
from headrace.data.json_values import to_json
from headrace.data.sinks.shards import write_text_shards

__all__ = ["CsvWriter", "fits_in_cell", "write_csv"]


def fits_in_cell(type_: pa.DataType) -> bool:
    """Return whether values of this type are written as they are; all others are written as JSON text."""
    is_text = pa.types.is_string(type_) or pa.types.is_large_string(type_)
    is_number = pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_boolean(type_)
    is_time = pa.types.is_temporal(type_) and not pa.types.is_interval(type_)
    return is_text or is_number or is_time or pa.types.is_decimal(type_)


class CsvWriter:
    """Writes a header and batches of a schema to a stream of bytes."""

    def __init__(self, stream: Any, schema: pa.Schema, delimiter: str = ",") -> None:
        types = [_decode_type(field.type) for field in schema]
        cells = [type_ if fits_in_cell(type_) else pa.string() for type_ in types]
        self._schema = pa.schema(list(zip(schema.names, cells, strict=True)))
        self._stream = stream
        self._delimiter = delimiter
        self._file = csv.CSVWriter(stream, self._schema, write_options=csv.WriteOptions(delimiter=delimiter))

    def write(self, batch: pa.RecordBatch) -> None:
        """Write a record for each row."""
        columns = [
            self._to_cells(field, array) for field, array in zip(batch.schema, batch.columns, strict=True)
        ]
        cells = pa.RecordBatch.from_arrays(columns, schema=self._schema)
        if len(columns) == 1 and columns[0].null_count:
            self._write_quoted(cells)
        else:
            self._file.write_batch(cells)

    def _write_quoted(self, cells: pa.RecordBatch) -> None:
        """Write a column with missing values quoted: most readers skip the blank line of an empty field."""
        texts = cells.column(0).cast(pa.string()).fill_null("")
        quoted = pa.record_batch([texts], names=cells.schema.names)
        with csv.CSVWriter(
            self._stream, quoted.schema, write_options=csv.WriteOptions(include_header=False)
        ) as file:
            file.write_batch(quoted)

    def _to_cells(self, field: pa.Field, array: pa.Array) -> pa.Array:
        if isinstance(array, pa.DictionaryArray):
            array = array.dictionary_decode()
        if fits_in_cell(array.type):
            return array
        texts = to_json(array, field.name)
        if not array.null_count:
            return texts
        return pc.call_function("if_else", [array.is_valid(), texts, pa.scalar(None, pa.string())])

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def _decode_type(type_: pa.DataType) -> pa.DataType:
    return type_.value_type if pa.types.is_dictionary(type_) else type_


def write_csv(
    path: str | os.PathLike[str], batches: Iterable[pa.RecordBatch], schema: pa.Schema, shards: int = 1
) -> list[str]:
    """Write CSV files with a header line, UTF-8; compressed if the name ends in `.gz`, `.bz2` or `.zst`.

    Fields are divided by commas, or by tabs if the name says `.tsv`.

    Missing values are empty cells, `""` in a file of one column. Lists, tensors and bytes are written as JSON
    text (see `headrace.data.json_values`).

    Returns:
        The paths written: `path`, or with several shards `base-00000-of-00008.csv` and so on.

    Raises:
        UsageError: The path cannot be written to.
        SchemaError: A column of a type that cannot be written as JSON text.
    """
    is_tab_separated = ".tsv" in PurePath(path).suffixes[-2:]
    open_writer = partial(CsvWriter, delimiter="\t" if is_tab_separated else ",")
    return write_text_shards(open_writer, path, batches, schema, shards)
