"""How the columns of a model are read from text, which has no types of its own.

Text of a CSV cell or a JSON value becomes a value of the type that the signature names, whatever the other
cells of its column hold: an age that is missing in the only row is a missing number, digits of a string are
text, and whole floats are integers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from headrace import arrow_compute as pc
from headrace.columns import TIMESTAMP
from headrace.data.json_values import from_json
from headrace.data.sources.csv import hide_missing
from headrace.errors import SchemaError
from headrace.serving.signature import Input

__all__ = ["TextColumn", "choose_cell_column", "choose_json_column"]

_FLOATS = {"float16": pa.float32(), "float32": pa.float32(), "float64": pa.float64()}
_BOOLEANS = (pa.array(["true", "1", "1.0"]), pa.array(["false", "0", "0.0"]))
_INTEGERS = frozenset(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))


def _as_read(array: pa.Array, name: str) -> pa.Array:  # noqa: ARG001
    return array


@dataclass(frozen=True)
class TextColumn:
    """How a column is read.

    Attributes:
        type: The type to read it as; None infers it.
        convert: Converts what was read; also takes the name of the column.
    """

    type: pa.DataType | None = None
    convert: Callable[[pa.Array, str], pa.Array] = _as_read


def choose_cell_column(column: Input) -> TextColumn:
    """Choose how the cells of a CSV column are read; lists are JSON text."""
    if column.encoding is not None:
        return _choose_encoded(column)
    if column.shape:
        return TextColumn(pa.string(), _ListParser(column))
    if column.type == TIMESTAMP:  # 20240229 is a date, not a number
        return TextColumn(pa.string())
    if column.type in _INTEGERS:
        return TextColumn(pa.string(), _parse_integers)
    if column.type == "bool":
        return TextColumn(pa.string(), _parse_booleans)
    return TextColumn(_find_type(column.type))


def choose_json_column(column: Input) -> TextColumn:
    """Choose how the values of a key of JSON lines are read."""
    if column.encoding is not None:
        return _choose_encoded(column)
    type_ = _find_type(column.type)
    if column.type == "bool" and not column.shape:
        return TextColumn(pa.string(), _parse_booleans)
    if type_ is None:
        return TextColumn(None, _hide_type_of_missing)
    return TextColumn(_nest(type_, len(column.shape)))


def _choose_encoded(column: Input) -> TextColumn:
    """Choose how cells are read that `decode_column` decodes: as booleans, as text, or as found."""
    if column.encoding == "boolean":
        return TextColumn(pa.string(), _parse_booleans)
    return TextColumn(pa.string()) if column.encoding == "number" else TextColumn(None, _hide_type_of_missing)


def _find_type(dtype: str) -> pa.DataType | None:
    """Return the type that text of a dtype is parsed as; None if several may hold it."""
    return pa.string() if dtype == "string" else _FLOATS.get(dtype)


def _nest(type_: pa.DataType, depth: int) -> pa.DataType:
    return _nest(pa.list_(type_), depth - 1) if depth else type_


def _hide_type_of_missing(array: pa.Array, name: str) -> pa.Array:  # noqa: ARG001
    """Return nulls of no type if all values are missing: they were taken for strings."""
    return pa.nulls(len(array)) if len(array) and array.null_count == len(array) else array


def _parse_integers(cells: pa.Array, name: str) -> pa.Array:
    """Parse integers; whole floats are cast later.

    Raises:
        SchemaError: A cell is not a number; names the row.
    """
    cells = hide_missing(cells)
    if not _holds_hexadecimal(cells):
        for type_ in (pa.int64(), pa.uint64(), pa.float64()):
            try:
                return cells.cast(type_)
            except pa.ArrowInvalid:
                continue
    row = next(row for row, cell in enumerate(cells) if not _is_number(cell))
    what = f"expected an integer, got {cells[row].as_py()[:80]!r}"
    raise SchemaError(what, record=row, feature=name, hint="fix the cell")


def _parse_booleans(cells: pa.Array, name: str) -> pa.Array:
    """Parse booleans: true and false in any letter case, 1 and 0, 1.0 and 0.0.

    Raises:
        SchemaError: A cell is something else; names the row.
    """
    cells = hide_missing(cells)
    words = pc.call_function("ascii_lower", [cells])
    found = [pc.call_function("is_in", [words], pc.SetLookupOptions(each)) for each in _BOOLEANS]
    known = pc.call_function("or", [pc.call_function("or", found), cells.is_null()])
    if not pc.call_function("all", [known]).as_py():
        row = known.index(pa.scalar(False)).as_py()
        what = f"expected true, false, 1 or 0, got {cells[row].as_py()[:80]!r}"
        raise SchemaError(what, record=row, feature=name, hint="fix the cell")
    return pc.call_function("if_else", [cells.is_null(), pa.scalar(None, pa.bool_()), found[0]])


def _holds_hexadecimal(cells: pa.Array) -> bool:
    """Return whether a cell is such as 0x1F, which Arrow takes for an integer, but not for a float."""
    found = pc.call_function("match_substring", [cells], pc.MatchSubstringOptions("0x", ignore_case=True))
    return bool(pc.call_function("any", [found]).as_py())


def _is_number(cell: pa.Scalar) -> bool:
    try:
        cell.cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


@dataclass(frozen=True)
class _ListParser:
    """Parses JSON text of lists."""

    column: Input

    def __call__(self, cells: pa.Array, name: str) -> pa.Array:
        depth = len(self.column.shape)
        cells = pc.call_function("if_else", [pc.call_function("equal", [cells, ""]), "null", cells])
        type_ = _find_type(self.column.type)
        if type_ is not None or self.column.type == "bool":
            return from_json(cells, _nest(type_ or pa.bool_(), depth), name)
        try:
            return from_json(cells, _nest(pa.int64(), depth), name)
        except SchemaError:
            return from_json(cells, _nest(pa.float64(), depth), name)
