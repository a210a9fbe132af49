"""Convert records of CSV text to batches, by Arrow."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from dataclasses import replace

import numpy as np
import pyarrow as pa
from pyarrow import csv

from headrace._native import CsvFault, cut_csv_columns, scan_csv
from headrace.columns import empty_batch, to_numpy_type
from headrace.data.sources.csv.cell_types import ANY_KIND, NOT_HUGE
from headrace.data.sources.csv.faults import NO_KINDS, count_lines_before, create_fault, shorten
from headrace.data.sources.csv.layout import CsvLayout
from headrace.data.sources.csv.missing_cells import NULL_WORDS, hide_missing, hide_nan
from headrace.data.sources.csv.records import Chunk
from headrace.errors import SchemaError
from headrace.parallel import copy_to_arrow
from headrace.tables import parse_text

__all__ = ["Converter"]

_MOST_COLUMNS = 1024  # that are parsed at once
_CONVERSION = re.compile(
    r"In CSV column #(\d+): (?:Row #(\d+): )?CSV conversion error to (.+?): (.*)", re.DOTALL
)


def _make_options(schema: pa.Schema) -> csv.ConvertOptions:
    types = {each.name: _parsed_type(each.type) for each in schema}
    return csv.ConvertOptions(column_types=types, include_columns=schema.names, null_values=NULL_WORDS)


def _parsed_type(type_: pa.DataType) -> pa.DataType:
    """Return the type that Arrow parses cells of a type as."""
    if pa.types.is_string_view(type_):
        return pa.string()
    return pa.binary() if pa.types.is_binary_view(type_) else type_


def _keeps_spaces(type_: pa.DataType) -> bool:
    """Return whether cells of a type are text, of which nothing is missing."""
    t = pa.types
    is_text = t.is_string(type_) or t.is_large_string(type_) or t.is_string_view(type_)
    is_bytes = t.is_binary(type_) or t.is_large_binary(type_) or t.is_binary_view(type_)
    return is_text or is_bytes or t.is_fixed_size_binary(type_) or t.is_dictionary(type_)


def _can_cast(cell: pa.Scalar, type_: pa.DataType) -> bool:
    try:
        parse_text(pa.array([cell.as_py()], pa.string()), type_)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    return True


class Converter:
    """Converts chunks of a file.

    Args:
        path: The file.
        layout: Its layout.
        schema: The columns to convert, and their types.
    """

    def __init__(self, path: str, layout: CsvLayout, schema: pa.Schema) -> None:
        self._path = path
        self._layout = layout
        self._schema = schema
        self._parse = csv.ParseOptions(
            delimiter=layout.dialect.delimiter,
            newlines_in_values=True,
            ignore_empty_lines=len(layout.names) > 1,
        )
        self._read = [self._read_options(threads) for threads in (True, False)]

    def convert(self, chunk: Chunk) -> pa.RecordBatch:
        """Convert a chunk to a batch.

        Raises:
            SchemaError: A value does not match the type of its column, or a required one has an empty field.
        """
        if len(self._layout.names) > _MOST_COLUMNS:
            try:
                return self._convert_parts(chunk)
            except SchemaError:
                pass  # the whole chunk names the line
        table = self._make_table(chunk, self._schema)
        (batch,) = table.combine_chunks().to_batches() or [empty_batch(table.schema)]
        batch = hide_nan(batch)
        self._check_required(batch, chunk)
        self._check_range(batch, chunk)
        return batch.cast(self._schema) if batch.schema != self._schema else batch

    def _convert_parts(self, chunk: Chunk) -> pa.RecordBatch:
        """Convert some columns at a time: Arrow takes 10 kB of memory for each column that it parses."""
        layout, fields = self._layout, {each.name: each for each in self._schema}
        names = layout.names
        width = -(-len(names) // -(-len(names) // _MOST_COLUMNS))
        texts = cut_csv_columns(chunk.data, layout.dialect.delimiter_byte, len(names), width)
        arrays: dict[str, pa.Array] = {}
        for start, text in zip(range(0, len(names), width), texts, strict=True):
            part = replace(layout, names=names[start : start + width])
            schema = pa.schema([fields[name] for name in part.names if name in fields])
            if len(schema):
                batch = Converter(self._path, part, schema).convert(replace(chunk, data=text))
                arrays.update(zip(schema.names, batch.columns, strict=True))
        return pa.record_batch([arrays[name] for name in fields], schema=self._schema)

    def _read_options(self, threads: bool) -> csv.ReadOptions:
        names = list(self._layout.names)
        return csv.ReadOptions(column_names=names, block_size=(1 << 31) - 1, use_threads=threads)

    def _parse_chunk(self, chunk: Chunk, options: csv.ReadOptions, convert: csv.ConvertOptions) -> pa.Table:
        # Arrow skips one byte order mark; a chunk may start with a field that starts with one.
        data = BOM_UTF8 + chunk.data if chunk.data.startswith(BOM_UTF8) else chunk.data
        return csv.read_csv(
            pa.BufferReader(copy_to_arrow(data)),
            read_options=options,
            parse_options=self._parse,
            convert_options=convert,
        )

    def _make_table(self, chunk: Chunk, schema: pa.Schema) -> pa.Table:
        try:
            return self._parse_chunk(chunk, self._read[0], _make_options(schema))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return self._parse_trimmed(chunk, schema)

    def _parse_trimmed(self, chunk: Chunk, schema: pa.Schema) -> pa.Table:
        """Parse cells that Arrow does not take for nulls: blank ones, and words between spaces.

        Raises:
            SchemaError: A value does not match the type of its column.
        """
        trimmed = [each for each in schema if not _keeps_spaces(each.type)]
        fields = [each.with_type(pa.string()) if each in trimmed else each for each in schema]
        options = _make_options(pa.schema(fields))
        try:
            table = self._parse_chunk(chunk, self._read[0], options)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise self._find_error(chunk, error, options) from error
        for each in trimmed:
            place, cells = table.schema.get_field_index(each.name), hide_missing(table[each.name])
            try:
                table = table.set_column(place, each, parse_text(cells, each.type))
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                row = next(row for row, cell in enumerate(cells) if not _can_cast(cell, each.type))
                what = f"invalid value '{table[each.name][row]}'"
                raise self._create_error(chunk, each.name, row, str(each.type), what) from error
        return table

    def _find_error(self, chunk: Chunk, error: Exception, options: csv.ConvertOptions) -> SchemaError:
        """Name the line, which Arrow knows if it parses on one thread."""
        try:
            self._parse_chunk(chunk, self._read[1], options)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as again:
            error = again
        found = _CONVERSION.search(str(error))
        if found is None:
            return SchemaError(shorten(str(error), 160), path=self._path, hint="declare another type")
        column, row, type_, what = found.groups()
        name = self._layout.names[int(column)]
        return self._create_error(chunk, name, None if row is None else int(row) - 1, type_, what)

    def _create_error(self, chunk: Chunk, name: str, row: int | None, type_: str, what: str) -> SchemaError:
        return SchemaError(
            f"expected values of type {type_} ({shorten(what, 160)})",
            path=self._path,
            line=None if row is None else self._line_of(chunk, row),
            feature=name,
            hint="declare another type, such as string, or fix the cell",
        )

    def _line_of(self, chunk: Chunk, row: int) -> int:
        names, delimiter = self._layout.names, self._layout.dialect.delimiter_byte
        return chunk.line + count_lines_before(chunk.data, delimiter, len(names), row)

    def _check_range(self, batch: pa.RecordBatch, chunk: Chunk) -> None:
        """Check that no number became infinite: Arrow parses 1e39 as an infinite float32 or float16."""
        for field, column in zip(self._schema, batch.columns, strict=True):
            if not pa.types.is_floating(field.type):
                continue
            infinite = np.isinf(column.to_numpy(zero_copy_only=False))
            if not infinite.any():
                continue
            self._check_huge(field.name, chunk)
            if pa.types.is_float64(field.type):
                continue
            wide = self._make_table(chunk, pa.schema([(field.name, pa.float64())])).column(0).to_numpy()
            if (wrong := infinite & np.isfinite(wide)).any():
                row = int(np.argmax(wrong))
                raise SchemaError(
                    f"expected a number of {to_numpy_type(field.type)}, got {wide[row]:g}",
                    path=self._path,
                    line=self._line_of(chunk, row),
                    feature=field.name,
                    hint="fix the cell, or declare the column float64",
                )

    def _check_huge(self, name: str, chunk: Chunk) -> None:
        """Check that no number of a column is beyond float64; this classifies each cell."""
        names, delimiter = self._layout.names, self._layout.dialect.delimiter_byte
        allowed = np.array([NOT_HUGE if each == name else ANY_KIND for each in names], np.uint16)
        scan = scan_csv(chunk.data, delimiter, len(names), True, chunk.records, allowed, NO_KINDS)
        if scan.fault != CsvFault.NONE:
            raise create_fault(
                scan, chunk.data, path=self._path, line=chunk.line, delimiter=delimiter, names=names
            )

    def _check_required(self, batch: pa.RecordBatch, chunk: Chunk) -> None:
        for index, field in enumerate(self._schema):
            if field.nullable or not batch.column(index).null_count:
                continue
            nulls = batch.column(index).null_count
            first = batch.column(index).is_null().index(pa.scalar(True)).as_py()
            raise SchemaError(
                f"a required column has {nulls:,} empty fields",
                path=self._path,
                line=self._line_of(chunk, first),
                feature=field.name,
                hint="declare it nullable, or fill the fields",
            )
