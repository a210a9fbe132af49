"""Find how the text of a CSV file is laid out: its delimiter, and its header.

The delimiter is the one of comma, tab, `;` and `|` that divides the header and the next rows into equally
many fields, more than one; if several do, it is unknown, which is an error. If none does, it is the one that
divides the header, a comma first. A first line `sep=;`, as spreadsheets write it, names the delimiter.

The first line is a header, unless it holds numbers. It is a row if all of its fields are numbers or missing,
or if some are numbers and the text of another occurs again below it. It may be either, which is an error, if
neither holds, if its numbers are 0, 1, 2, ..., or if text is below one of them. A quoted number above fields
that are not quoted is a name. Several columns without a name are `column_2` and so on, by their place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from headrace._native import CellKind, CsvFault, CsvScan, classify_cell, scan_csv, split_csv_record
from headrace.data.sources.csv.decode import TextReader
from headrace.data.sources.csv.dialect import CsvDialect
from headrace.data.sources.csv.faults import NO_KINDS, create_fault
from headrace.errors import SchemaError
from headrace.storage import match_file_kind

__all__ = ["MAX_RECORD", "CsvLayout", "find_layout", "read_header", "take_separator_line"]

MAX_RECORD = 1 << 28  # bytes
_SAMPLE = 1 << 18  # bytes to find a layout by, if they hold the first record
_ROWS = 100
_DELIMITERS = (",", "\t", ";", "|")
_NUMBERS = (
    CellKind.EXACT_INTEGER
    | CellKind.LONG_INTEGER
    | CellKind.UNSIGNED_INTEGER
    | CellKind.HUGE_INTEGER
    | CellKind.NEGATIVE_INTEGER
    | CellKind.FLOAT
    | CellKind.HUGE_FLOAT
)
_TAB_SEPARATED = re.compile(r"\.(tsv|tab)(\.[a-z0-9]+)?$", re.IGNORECASE)  # names of files
_SEPARATOR_LINE = re.compile(rb'"?sep=([\x01-\x09\x0b\x0c\x0e-\x21\x23-\x7f])"?(?:\r\n|\n|\r)', re.IGNORECASE)


@dataclass(frozen=True)
class CsvLayout:
    """The layout of a file.

    Attributes:
        dialect: The dialect, complete: a header is True, or the names of the columns.
        names: The names of the columns.
        found: What was found that is not the default, to tell the user.
    """

    dialect: CsvDialect
    names: tuple[str, ...]
    found: tuple[str, ...] = ()

    def rename(self, names: Sequence[str]) -> CsvLayout:
        """Return the layout of a file without a header with other names of its columns."""
        return replace(self, dialect=replace(self.dialect, header=tuple(names)), names=tuple(names))


@dataclass(frozen=True)
class _Sample:
    """The start of a file: its text, the lines skipped before it, and whether the file ends with it."""

    path: str
    data: bytes
    skipped: int
    is_whole: bool

    def scan(self, delimiter: str, columns: int = 0, rows: int = 1) -> CsvScan:
        return scan_csv(self.data, ord(delimiter), columns, self.is_whole, rows, NO_KINDS, NO_KINDS)

    def is_divided(self, delimiter: str) -> bool:
        """Whether the first record is whole, or malformed with this delimiter however the text continues."""
        scan = self.scan(delimiter)
        return scan.records > 0 or scan.fault != CsvFault.NONE

    def raise_fault(self, scan: CsvScan, delimiter: str, names: Sequence[str]) -> None:
        if scan.fault != CsvFault.NONE:
            raise create_fault(
                scan, self.data, path=self.path, line=1 + self.skipped, delimiter=ord(delimiter), names=names
            )


def take_separator_line(data: bytes) -> tuple[str | None, bytes]:
    """Return the delimiter that a line `sep=;` names, or None, and the text after that line."""
    found = _SEPARATOR_LINE.match(data)
    return (found[1].decode(), data[found.end() :]) if found else (None, data)


def find_layout(path: str, dialect: CsvDialect, known: Sequence[str] = ()) -> CsvLayout:
    """Find the layout of a file, as far as `dialect` leaves it open.

    Args:
        path: The file.
        dialect: What is known of it.
        known: Names of columns that the user passed. A first line that holds them all is a header.

    Raises:
        UsageError: The file cannot be read.
        SchemaError: The file is empty or of another kind, its first record is malformed, or its delimiter or
            header cannot be known.
    """
    with TextReader(path, dialect.encoding) as reader:
        kind = match_file_kind(reader.head) if dialect.header is None else None
        if kind is not None:
            hint = f"{kind.hint}; pass header= if it is text"
            raise SchemaError(f"expected a CSV file, got {kind.what}", path=path, hint=hint)
        named, sample = _read_sample(reader, path, dialect)
        is_expected = dialect.encoding is not None or reader.encoding == "utf-8"
        found = [] if is_expected else [f"encoding {reader.encoding!r}"]
    delimiter = dialect.delimiter or named or _find_delimiter(sample)
    usual = "\t" if _TAB_SEPARATED.search(path) else ","
    if dialect.delimiter is None and delimiter != usual:
        found.append(f"delimiter {delimiter!r}")
    header, names = _find_names(sample, delimiter, dialect.header, frozenset(known))
    if dialect.header is None and header is not True:
        found.append("no header line")
    return CsvLayout(replace(dialect, delimiter=delimiter, header=header), names, tuple(found))


def read_header(path: str, layout: CsvLayout) -> tuple[str, ...]:
    """Return the names in the header of a file that has the layout of another.

    Raises:
        UsageError: The file cannot be read.
        SchemaError: The file is empty, or its first record is malformed.
    """
    delimiter = layout.dialect.delimiter
    assert delimiter is not None
    with TextReader(path, layout.dialect.encoding) as reader:
        _, sample = _read_sample(reader, path, layout.dialect)
    return _name_blanks(_first_record(sample, delimiter))


def _read_sample(reader: TextReader, path: str, dialect: CsvDialect) -> tuple[str | None, _Sample]:
    """Read the first record and more; returns the delimiter that a separator line names, too."""
    data, is_whole, named, skipped = b"", False, None, 0
    while not is_whole and len(data) <= MAX_RECORD:
        more = reader.read(max(_SAMPLE, len(data)))
        is_whole = not more
        if not data:
            named, more = take_separator_line(more)
            skipped = int(named is not None)
        data += more
        sample = _Sample(path, data, skipped, is_whole)
        delimiters = [dialect.delimiter or named] if dialect.delimiter or named else _DELIMITERS
        if all(each is not None and sample.is_divided(each) for each in delimiters):
            break
    return named, _Sample(path, data, skipped, is_whole)


def _first_record(sample: _Sample, delimiter: str) -> list[tuple[bytes, bool]]:
    """Return the fields of the first record, and whether each was quoted."""
    scan = sample.scan(delimiter)
    sample.raise_fault(scan, delimiter, ())
    if not scan.records:
        what = "the file is empty" if sample.is_whole else "the first line is longer than 256 MiB"
        hint = "write a line with the names of the columns" if sample.is_whole else "pass another delimiter="
        raise SchemaError(what, path=sample.path, hint=hint)
    return split_csv_record(sample.data[: scan.end], ord(delimiter))


def _find_delimiter(sample: _Sample) -> str:
    fields = {each: sample.scan(each).fields for each in _DELIMITERS}
    dividing = [each for each in _DELIMITERS if fields[each] > 1]
    scans = {each: sample.scan(each, 0, _ROWS) for each in dividing}
    fitting = [each for each in dividing if scans[each].fault in (CsvFault.NONE, CsvFault.UTF8)]
    if not fitting and "," in dividing:
        return ","
    first, *others = sorted(fitting or dividing or [","], key=lambda each: -fields[each])
    rivals = [each for each in others if each == "," or fields[each] == fields[first]]
    if fitting and rivals and scans[first].records > 1:
        what = f"the delimiter may be {first!r} or {rivals[0]!r}: each divides all lines evenly"
        hint = f"pass delimiter={first!r} or {rivals[0]!r}"
        raise SchemaError(what, path=sample.path, line=1 + sample.skipped, hint=hint)
    return "," if "," in rivals else first


def _find_names(
    sample: _Sample, delimiter: str, header: bool | tuple[str, ...] | None, known: frozenset[str]
) -> tuple[bool | tuple[str, ...], tuple[str, ...]]:
    """Return the header, True or the names of the columns, and the names."""
    if isinstance(header, tuple):
        return header, header
    cells = _first_record(sample, delimiter)
    names = _name_blanks(cells)
    is_known = bool(known) and known.issubset(names)
    if header or (header is None and (is_known or _find_header(sample, delimiter, cells))):
        return True, names
    names = tuple(f"column_{number}" for number in range(1, len(cells) + 1))
    return names, names


def _name_blanks(cells: Sequence[tuple[bytes, bool]]) -> tuple[str, ...]:
    """Return the names in a header; several empty ones, as spreadsheets write them, are numbered."""
    names = [text.decode() for text, _ in cells]
    if names.count("") > 1:
        names = [name or f"column_{number}" for number, name in enumerate(names, 1)]
    return tuple(names)


def _find_header(sample: _Sample, delimiter: str, cells: Sequence[tuple[bytes, bool]]) -> bool:
    """Return whether the first record is a header."""
    kinds = [classify_cell(text) for text, _ in cells]
    below = _second_record(sample, delimiter, len(cells))
    for column, (_, quoted) in enumerate(cells):
        if quoted and not (below and below[column][1] and classify_cell(below[column][0]) & _NUMBERS):
            kinds[column] = CellKind.TEXT
    numbers = [column for column, kind in enumerate(kinds) if kind & _NUMBERS]
    if not numbers:
        return True
    texts = {
        column: cells[column][0]
        for column, kind in enumerate(kinds)
        if not kind & (_NUMBERS | CellKind.MISSING)
    }
    has_doubt = any(
        cells[column][1] or (below and classify_cell(below[column][0]) & (CellKind.TEXT | CellKind.BOOLEAN))
        for column in numbers
    )
    shown = [cells[column][0].strip().decode("utf-8", "replace") for column in numbers]
    is_range = len(shown) > 1 and shown == [str(number) for number in range(len(shown))]
    is_row = _recurs(sample, delimiter, texts, len(cells)) if texts else not is_range
    if is_row and not has_doubt:
        return False
    raise SchemaError(
        f"the first line may be a header or a row: it holds the number {shown[0]}",
        path=sample.path,
        line=1 + sample.skipped,
        hint="pass header=True or header=False",
    )


def _second_record(sample: _Sample, delimiter: str, columns: int) -> list[tuple[bytes, bool]] | None:
    """Return the fields of the second record; None if it does not exist or is malformed."""
    scan = sample.scan(delimiter, columns, 2)
    if scan.records < 2:
        return None
    first = sample.scan(delimiter, columns)
    return split_csv_record(sample.data[first.end : scan.end], ord(delimiter))


def _recurs(sample: _Sample, delimiter: str, texts: dict[int, bytes], columns: int) -> bool:
    """Return whether one of the texts of the first record occurs in its column again."""
    scan = sample.scan(delimiter, columns)
    start, rest = scan.end, sample.data
    for _ in range(_ROWS):
        rest = rest[start:]
        scan = scan_csv(rest, ord(delimiter), columns, sample.is_whole, 1, NO_KINDS, NO_KINDS)
        if not scan.records:
            return False
        start = scan.end
        fields = split_csv_record(rest[:start], ord(delimiter))
        if any(fields[column][0] == text for column, text in texts.items()):
            return True
    return False
