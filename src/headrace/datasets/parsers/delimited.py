"""Tables as text: a record per line, of a known schema."""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa

from headrace.data import Dataset
from headrace.errors import SchemaError
from headrace.random_order import random_order, random_source

__all__ = ["number_classes", "parse_delimited", "shuffle_rows"]

_LONGEST_FIELD = 1 << 20  # characters


def parse_delimited(
    data: bytes,
    path: str,
    schema: pa.Schema,
    *,
    header: Sequence[str] | None = None,
    delimiter: str = ",",
    missing: Collection[str] = ("",),
    skip_lines: int = 0,
    strip: str = "",
) -> pa.Table:
    """Parse a text in UTF-8; blank lines are skipped.

    Args:
        data: The text; lines may end in LF or CRLF.
        path: The file, for messages.
        schema: The columns, in the order of the file.
        header: The names that the first line must hold; None: the first line is a record.
        delimiter: What separates the fields; fields in double quotes may hold it, and line ends.
        missing: The texts of missing values, null in a nullable column.
        skip_lines: Lines before all others that hold no data.
        strip: Characters to remove from both ends of each field.

    Raises:
        SchemaError: A line has another number of fields, or a field is not of its column's type.
    """
    try:
        lines = data.decode("utf-8-sig").split("\n")[skip_lines:]
    except UnicodeDecodeError as error:
        raise _error(f"expected text in UTF-8 ({error.reason} at byte {error.start:,})", path) from error
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(
        (f"{line}\n" for line in lines), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    records: list[list[str]] = []
    numbers: list[int] = []
    try:
        for record in reader:
            fields = [field.strip(strip) for field in record] if strip else record
            if not any(fields):
                continue
            if len(fields) != len(schema):
                what = f"expected {len(schema)} fields, got {len(fields)}"
                raise _error(what, path, skip_lines + reader.line_num)
            records.append(fields)
            numbers.append(skip_lines + reader.line_num)
    except csv.Error as error:
        raise _error(f"malformed record ({error})", path, skip_lines + reader.line_num) from error
    if header is not None:
        found = records.pop(0) if records else []
        numbers = numbers[1:]
        if found != list(header):
            raise _error(f"expected the header {', '.join(header)}, got {', '.join(found)[:200]}", path)
    columns = list(zip(*records, strict=True)) or [()] * len(schema)
    arrays = [
        _convert(values, field, path, numbers, missing) for values, field in zip(columns, schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def number_classes(table: pa.Table, column: str, classes: Sequence[str], path: str) -> pa.Table:
    """Replace the names of classes by their numbers, int64.

    Raises:
        SchemaError: A name is not one of `classes`.
    """
    numbers = {name: number for number, name in enumerate(classes)}
    names: list[str] = table[column].to_pylist()
    unknown = next((row for row, name in enumerate(names) if name not in numbers), None)
    if unknown is not None:
        what = f"expected one of {', '.join(classes)}, got {names[unknown]!r:.80} in row {unknown:,}"
        raise _error(what, path, None, column)
    values = np.array([numbers[name] for name in names], np.int64)
    place = table.schema.get_field_index(column)
    return table.set_column(place, pa.field(column, pa.int64(), nullable=False), pa.array(values))


def shuffle_rows(table: pa.Table, seed: int) -> Dataset:
    """Make a dataset of rows in one fixed random order."""
    return Dataset.from_arrow(table.take(random_order(table.num_rows, random_source(seed))))


def _convert(
    values: Sequence[str], field: pa.Field, path: str, lines: Sequence[int], missing: Collection[str]
) -> pa.Array:
    filled = [None if field.nullable and value in missing else value for value in values]
    try:
        return pa.array(filled, pa.string()).cast(field.type)
    except pa.ArrowInvalid:
        pass
    for value, line in zip(filled, lines, strict=True):
        try:
            pa.array([value], pa.string()).cast(field.type)
        except pa.ArrowInvalid:
            raise _error(f"expected {field.type}, got {value!r:.80}", path, line, field.name) from None
    raise _error(f"expected {field.type}", path, None, field.name)


def _error(what: str, path: str, line: int | None = None, column: str | None = None) -> SchemaError:
    return SchemaError(what, path=path, line=line, feature=column, hint="download the file again")
