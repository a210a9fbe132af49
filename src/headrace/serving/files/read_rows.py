"""Read the columns of a model, and columns to keep, from a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from headrace.data.formats import Origin, find_source_format, list_columns, select_columns
from headrace.errors import SchemaError
from headrace.serving.files.text_columns import TextColumn, choose_cell_column, choose_json_column
from headrace.serving.signature import Input
from headrace.suggestions import suggest

__all__ = ["RowReader"]


class RowReader:
    """Reads the columns of a model from a file, and no others.

    Args:
        origin: The file. Types that it declares replace those of the model.
        inputs: The columns of the model; those that the file lacks are left out.
        keep: Other columns to read.

    Raises:
        UsageError: The file does not exist, or has no known format.
        SchemaError: The file is malformed, or it lacks a column to keep or to declare.

    Attributes:
        names: The names of all columns of the file.
        schema: The columns as they are read, before text of the model's columns is converted.
        num_rows: The number of rows, if it is known.
    """

    def __init__(self, origin: Origin, inputs: Sequence[Input], keep: Sequence[str]) -> None:
        format_ = find_source_format(origin.path)
        format_.check_options(origin)
        source = format_.open_source(replace(origin, types=None))
        self.names = list_columns(source)
        for name in (*keep, *(origin.types or ())):
            if name not in self.names:
                hint = suggest(name, self.names)
                raise SchemaError("the file lacks this column", path=origin.path, feature=name, hint=hint)
        self._path, self._inputs = origin.path, inputs
        self._columns = _choose_columns(inputs, self.names, format_.read_options)
        types = {name: column.type for name, column in self._columns.items()}
        types |= dict.fromkeys((name for name in keep if name not in types), None)
        types = types or dict.fromkeys(self.names[:1])  # the rows are counted
        self._source = select_columns(source, types, origin.types or {}) if types else None
        if self._source is None:  # a file of JSON without rows, or of rows without keys, names no columns
            self.schema, self.num_rows = pa.schema([]), source.num_rows or 0
            return
        self.schema, self.num_rows = self._source.schema, self._source.num_rows

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read the rows, as batches of the columns.

        Raises:
            SchemaError: A value does not fit its column; names the file, the line or row, and the column.
        """
        rows = 0
        try:
            for batch in () if self._source is None else self._source.read():
                yield self._convert(batch, rows)
                rows += batch.num_rows
        except SchemaError as error:
            column = next((each for each in self._inputs if each.name == error.feature), None)
            if column is not None and column.name in self._columns:
                error.hint = f"fix the value: the model reads {column.type}"
            raise

    def _convert(self, batch: pa.RecordBatch, first_row: int) -> pa.RecordBatch:
        columns = list[pa.Array]()
        for name, array in zip(batch.schema.names, batch.columns, strict=True):
            try:
                columns.append(self._columns[name].convert(array, name) if name in self._columns else array)
            except SchemaError as error:
                error.path = self._path
                error.record = None if error.record is None else first_row + error.record
                raise
        return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _choose_columns(
    inputs: Sequence[Input], names: Sequence[str], options: frozenset[str]
) -> Mapping[str, TextColumn]:
    """Choose how the columns that the file has are read; only CSV files have a dialect."""
    choose = choose_cell_column if "dialect" in options else choose_json_column
    known = set(names)
    found = [each for each in inputs if each.name in known]
    if "types" not in options:
        return {each.name: TextColumn() for each in found}
    return {each.name: choose(each) for each in found}
