"""CSV against Python's `csv`, field by field.

Headrace reads the fields that `csv.reader(strict=True)` reads, and refuses what it refuses, with a line of
the record. Except:

1. Blank lines are skipped; in a file of one column they are empty fields, except above its header.
2. A record with more or fewer fields than the header is refused.
3. A file without a header, and one that names two columns alike, are refused.
4. Text that is not UTF-8 is refused, unless its encoding is passed or it has a byte order mark.
5. A byte order mark is not part of the first name.
6. Columns of numbers or booleans become such; the table in `docs/formats.md` says which. Others are text.
7. In those columns, an empty field and words such as `NA` are missing values, between spaces and tabs, too.
8. Spaces and tabs around a number are ignored.
9. Without `delimiter=` or `header=`, they are found, or the file is refused; see `docs/formats.md`.
10. A first line `sep=;` names the delimiter.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, cast

import pyarrow as pa

from headrace.data import Dataset
from headrace.data.sources import CsvDialect, CsvSource
from headrace.errors import SchemaError

_MISSING = {
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
    *("N/A", "NA", "NULL", "NaN", "n/a", "nan", "null", "None", "<NA>"),
}
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_PADDED = re.compile(r"[+-]?0[0-9].*|\+[0-9]*")
_FLOAT = re.compile(
    r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?(inf|infinity|nan)", re.IGNORECASE
)
_PALETTES = [
    ["0", "1", "-1", "42", " 7", "8\t", "-0"],
    ["1", "9007199254740992", "9007199254740993", "-9223372036854775808", "9223372036854775807"],
    ["1", "9223372036854775808", "18446744073709551615", "18446744073709551616", "-5"],
    [
        "0.5",
        "1.",
        ".5",
        "-1e3",
        "1E-400",
        "1e400",
        "+0.5",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "3",
    ],
    ["inf", "-Infinity", "NAN", "nan", "1.5", "+inf"],
    ["true", "False", "TRUE", "tRue", "0", "false"],
    ["01234", "007", "+49", "-01", "00.5", "1_000", "0x10", "1e", "--1", "1,5"],
    [
        "a",
        "é",
        "日本",
        "😀",
        'say "x"',
        "two\nlines",
        "cr\rlf\r\n",
        "a,b;c\td|e",
        " ",
        "\u2028",
        "\x00",
        '"',
        "'",
    ],
    ["2026-11-24", "12:30", "sep=;", "#", "\ufeff", "\x0b", "\x85"],
]
_NAMES = ["a", "b", "é", "x y", "", "1", "2.5", "a", "true", 'q"', "l\nm", "0"]
_TOKENS = [*'",;\t|\r\n', '""', "\r\n", "\n\n", ' "', '" ', "x", "0", "\x00", "sep=;\n", "\ufeff"]


@dataclass
class Reference:
    """What `csv` reads: rows after blank lines, or the lines between which the file is refused."""

    rows: list[list[str]] = field(default_factory=list)
    blank_lines: int = 0
    refused: tuple[int, int] | None = None


def compare(random: Random, folder: Path) -> str:
    """Generate a file, read it both ways and compare."""
    delimiter = random.choice(",;\t|")
    text = generate(random, delimiter)
    encoding = random.choice(["utf-8"] * 6 + ["utf-8-sig", "utf-16", "latin-1"])
    data = encode(text, encoding)
    damaged = random.random() < 0.1 and len(data) > 0
    if damaged:
        at = random.randrange(len(data))
        data = data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]
    path = folder / "a.csv"
    path.write_bytes(data)
    arguments: dict[str, Any] = {"delimiter": delimiter, "header": True}
    if random.random() < 0.2:
        arguments = {name: value for name, value in arguments.items() if random.random() < 0.5}
    if encoding == "latin-1":
        arguments["encoding"] = "latin-1"
    as_text = random.random() < 0.3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return check(path, data, arguments, as_text=as_text)


def check(path: Path, data: bytes, arguments: dict[str, Any], *, as_text: bool) -> str:
    """Compare one file; the arguments are those of `from_csv`."""
    where, encoding = f"{arguments} {data!r}", arguments.get("encoding")
    try:
        (part,) = cast("CsvSource", Dataset.from_csv(path, **arguments).source).divide()
        if as_text:
            arguments = {**arguments, "types": dict.fromkeys(part.schema.names, "string")}
        source = Dataset.from_csv(path, **arguments).source
        found = pa.Table.from_batches(list(source.read()), source.schema)
    except SchemaError as error:
        refusal = error
    else:
        reference = read_reference(
            data, part.dialect.delimiter, encoding, has_header=part.dialect.header is True
        )
        check_table(found, reference, part.dialect, where, as_text=as_text)
        return "read"
    assert "\n" not in str(refusal), where
    assert refusal.hint, where
    if {"delimiter", "header"} - arguments.keys() and "may be" in refusal.what:
        return "in doubt"
    reference = read_reference(data, arguments.get("delimiter"), encoding, has_header=True)
    if reference is not None and arguments.get("header"):
        assert reference.refused is not None, f"{refusal}\n{where}"
        first, last = reference.refused
        assert refusal.line is None or first <= refusal.line <= last, f"{refusal}\n{reference} {where}"
    return "refused"


def check_table(
    found: pa.Table, reference: Reference | None, dialect: CsvDialect, where: str, *, as_text: bool
) -> None:
    """Compare what was read with what `csv` reads."""
    assert reference is not None, where
    assert reference.refused is None, f"not refused: {reference} {found.to_pylist()}\n{where}"
    rows = reference.rows
    if isinstance(dialect.header, tuple):
        blank_lines = reference.blank_lines if len(dialect.header) == 1 else 0
        rows = [list(dialect.header), *([""] for _ in range(blank_lines)), *rows]
    assert found.column_names == rows[0], where
    for index, name in enumerate(found.column_names):
        cells = [row[index] for row in rows[1:]]
        type_, values = (pa.string(), cells) if as_text else infer(cells)
        assert found.schema.field(index).type == type_, f"{name}: {found.schema} {type_}\n{where}"
        assert same(found.column(index).to_pylist(), values), f"{name}: {found.to_pylist()} {values}\n{where}"


def generate(random: Random, delimiter: str) -> str:
    """Generate text, most of it well-formed."""
    columns = random.choice([1, 1, 2, 2, 3, 4])
    end = random.choice(["\n", "\n", "\r\n", "\r"])
    palettes = [random.choice(_PALETTES) for _ in range(columns)]
    names = random.sample(_NAMES, columns)
    lines = [delimiter.join(quote(random, name, delimiter) for name in names)]
    for _ in range(random.choice([0, 1, 2, 3, 5, 8])):
        cells = [
            random.choice(["", "NA", " null", "\t", "None"]) if random.random() < 0.1 else random.choice(p)
            for p in palettes
        ]
        lines.append(delimiter.join(quote(random, cell, delimiter) for cell in cells))
        if random.random() < 0.05:
            lines.append("")
    text = end.join(lines) + random.choice([end, end, "", end * 2])
    for _ in range(random.choice([0, 0, 0, 0, 1, 2])):
        at = random.randrange(len(text) + 1)
        text = text[:at] + random.choice(_TOKENS) + text[at + random.randrange(2) :]
    return text[: random.randrange(len(text) + 1)] if random.random() < 0.03 else text


def quote(random: Random, cell: str, delimiter: str) -> str:
    """Write a field, quoted if it must be, and sometimes if not."""
    needed = any(each in cell for each in (delimiter, "\r", "\n")) or cell.startswith('"')
    return '"' + cell.replace('"', '""') + '"' if needed or random.random() < 0.2 else cell


def encode(text: str, encoding: str) -> bytes:
    """Encode text; what Latin-1 lacks is replaced."""
    return text.encode(encoding, "replace" if encoding == "latin-1" else "strict")


def decode(data: bytes, encoding: str | None) -> str | None:
    """Decode a file by its byte order mark, or else as UTF-8; None if that is not possible."""
    marks = [(codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16")]
    marks += [(codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_BE, "utf-16")]
    found = next((name for mark, name in marks if data.startswith(mark)), None)
    if encoding is not None and found is not None:
        return None
    pairs = data[: len(data) // 2 * 2]
    for name, zeros, others in (
        ("utf-16-le", pairs[1::2], pairs[::2]),
        ("utf-16-be", pairs[::2], pairs[1::2]),
    ):
        if not found and 2 * zeros.count(0) > len(zeros) and not others.count(0):
            found = name
    try:
        return data.decode(encoding or found or "utf-8")
    except UnicodeDecodeError:
        return None


def read_reference(
    data: bytes, delimiter: str | None, encoding: str | None, *, has_header: bool
) -> Reference | None:
    """Read a file by `csv` and the rules above; None if its text, or its delimiter, is not known."""
    text = decode(data, encoding)
    if text is None:
        return None
    skipped = 0
    separator = re.match(r'"?sep=([^\x00\r\n"\x80-\U0010ffff])"?(\r\n|\n|\r)', text, re.IGNORECASE)
    if separator:
        text, skipped = text[separator.end() :], 1
        delimiter = delimiter or separator[1]
    if delimiter is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    blank_lines = 0
    while True:
        start = reader.line_num
        try:
            row = next(reader, None)
        except csv.Error:
            return Reference(rows, 0, (start + 1 + skipped, reader.line_num + skipped))
        if row is None:
            break
        if not row and (not rows or len(rows[0]) != 1):
            blank_lines += not rows
            continue
        rows.append(row or [""])
        if len(rows) == 1 and has_header:
            rows[0] = name_blanks(rows[0])
        if len(rows[0]) != len(rows[-1]) or (len(rows) == 1 and has_header and len(set(rows[0])) < len(row)):
            return Reference(rows, 0, (start + 1 + skipped, start + 1 + skipped))
    return Reference(rows, blank_lines, None if rows else (0, 0))


def name_blanks(names: list[str]) -> list[str]:
    """Number the columns without a name, if there are several."""
    if names.count("") < 2:
        return names
    return [name or f"column_{number}" for number, name in enumerate(names, 1)]


def infer(cells: list[str]) -> tuple[pa.DataType, list[Any]]:
    """Return the type of a column and its values, by the rule in `docs/formats.md`."""
    values = [parse(cell) for cell in cells]
    present = [value for value in values if value is not None]
    kinds = {type(value) for value in present}
    if kinds == {bool} and len(present) == len(values):
        return pa.bool_(), values
    if not present or not kinds <= {int, float}:
        return pa.string(), cells
    integers = [value for value in present if isinstance(value, int)]
    is_exact = all(abs(value) <= 2**53 for value in integers)
    if is_exact and (float in kinds or len(present) < len(values)):
        numbers = [math.nan if value is None else float(value) for value in values]
        return pa.float64(), [None if math.isnan(number) else number for number in numbers]
    if float in kinds:
        return pa.string(), cells
    if all(-(2**63) <= value < 2**63 for value in integers):
        return pa.int64(), values
    if all(0 <= value < 2**64 for value in integers) and not any("-" in cell for cell in cells):
        return pa.uint64(), values
    return pa.string(), cells


def parse(cell: str) -> Any:
    """Return what a cell says by itself: None, a boolean, an integer, a float, or text."""
    if cell.strip(" \t") in _MISSING:
        return None
    if cell in _BOOLEANS:
        return _BOOLEANS[cell]
    number = cell.strip(" \t")
    if _INTEGER.fullmatch(number):
        return int(number)
    if _FLOAT.fullmatch(number) and not _PADDED.fullmatch(number):
        value = float(number)
        return cell if math.isinf(value) and "n" not in number.lower() else value
    return cell


def same(found: list[Any], expected: list[Any]) -> bool:
    """Compare values, none of which is NaN."""
    return found == expected
