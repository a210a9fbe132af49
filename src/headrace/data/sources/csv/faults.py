"""The errors of CSV text, with line and column."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from headrace._native import CellKind, CsvFault, CsvScan, classify_cell, scan_csv, split_csv_record
from headrace.data.sources.csv.cell_types import allowed_kinds, column_type
from headrace.data.sources.files.inference import INFERENCE_TEXT
from headrace.errors import SchemaError

__all__ = ["NO_KINDS", "count_lines_before", "create_fault", "shorten"]

NO_KINDS = np.zeros(0, np.uint16)
_QUOTES = 'close the quote, or double it ("") where it belongs to the text'


def shorten(text: str, most: int = 60) -> str:
    """Return a text as one line of limited length."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most] + "..."


def count_lines_before(data: bytes, delimiter: int, columns: int, row: int) -> int:
    """Return the number of line breaks before a record, by its number from 0."""
    return scan_csv(data, delimiter, columns, True, row + 1, NO_KINDS, NO_KINDS).line


def create_fault(
    scan: CsvScan,
    data: bytes,
    *,
    path: str,
    line: int,
    delimiter: int,
    names: Sequence[str],
    types: pa.Schema | None = None,
) -> SchemaError:
    """Create the error for the fault of a scan.

    Args:
        scan: What `scan_csv` found.
        data: The text that was scanned.
        path: The file.
        line: The number of the line that `data` starts with, from 1.
        delimiter: The byte between fields.
        names: The names of the columns.
        types: The inferred types of columns.
    """
    if scan.fault == CsvFault.UTF8:
        return _create_encoding_fault(data[: scan.end], path, line, delimiter, names)
    cell = data[scan.start : scan.stop].decode("utf-8", "replace")
    feature = names[scan.column] if scan.column < len(names) else None
    if scan.fault == CsvFault.KIND:
        assert feature is not None
        what, hint = _describe_kind(data[scan.start : scan.stop], cell, feature, types)
    elif scan.fault == CsvFault.FIELDS:
        feature = None
        plural = "" if len(names) == 1 else "s"
        what = f"expected {len(names):,} field{plural}, as many as columns, got {scan.fields:,}"
        hint = _suggest_for_fields(scan.fields > len(names), len(names), chr(delimiter))
    elif scan.fault == CsvFault.UNCLOSED:
        what, hint = f'a quoted field is never closed: "{shorten(cell)}', _QUOTES
    else:
        what, hint = f'expected a delimiter after a quoted field, got text: "{shorten(cell)}"', _QUOTES
    return SchemaError(what, path=path, line=line + scan.line, feature=feature, hint=hint)


def _suggest_for_fields(has_more: bool, columns: int, delimiter: str) -> str:
    """Suggest what to do about a line that has more, or fewer, fields than there are columns."""
    if not has_more:
        return "fix the line, or pass another delimiter="
    above = "remove the lines above the header, " if columns == 1 else ""
    return f"{above}quote a field that holds {delimiter!r}, or pass another delimiter="


def _describe_kind(cell: bytes, text: str, name: str, types: pa.Schema | None) -> tuple[str, str]:
    """Describe a cell that its column's type cannot hold, and name a type that can."""
    if types is None or name not in types.names:
        what = f"expected a number of float64, got {shorten(text)!r}"
        return what, "fix the cell, or declare the column a string"
    type_ = types.field(name).type
    wider = column_type(
        allowed_kinds(type_) & ~CellKind.LONG_INTEGER & ~CellKind.MISSING | classify_cell(cell)
    )
    what = f"expected {type_}, the type of {INFERENCE_TEXT}, got {shorten(text)!r}"
    return what, f'pass types={{"{name}": "{"float64" if pa.types.is_floating(wider) else "string"}"}}'


def _create_encoding_fault(
    data: bytes, path: str, line: int, delimiter: int, names: Sequence[str]
) -> SchemaError:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        start = error.start
    else:
        raise AssertionError("the text is UTF-8")
    before = scan_csv(data[:start], delimiter, 0, False, len(data), NO_KINDS, NO_KINDS)
    column = len(split_csv_record(data[before.end : start], delimiter)) - 1
    text = data[before.end : start]
    lines = before.lines + text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n")
    likely = ("cp1252", "latin-1") if data[start] < 0xA0 else ("latin-1", "cp1252")
    hint = f'pass encoding="{likely[0]}", "{likely[1]}" or the encoding of the program that wrote the file'
    return SchemaError(
        f"expected UTF-8, got byte 0x{data[start]:02x}",
        path=path,
        line=line + lines,
        feature=names[column] if column < len(names) else None,
        hint=hint,
    )
