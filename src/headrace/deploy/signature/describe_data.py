"""What training data know of the columns that a model reads: ranges, words, an example row, units."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from headrace.columns import MISSING_DATE, Ragged, find_column, from_arrow, timestamps_from_arrow
from headrace.errors import SchemaError
from headrace.tables import find_table

__all__ = ["describe_data", "fingerprint_data"]

MOST_ROWS = 100_000
MOST_BYTES = 256 << 20
_MOST_WORDS = 1000
_LONGEST_WORD = 100  # bytes on average; longer strings are texts
_MOST_EXAMPLES = 100  # rows to choose an example from
_ENCODINGS = ("number", "boolean")
_LARGEST_EXAMPLE = 8 << 10  # bytes, of at most 8 values each


def describe_data(data: Any, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Describe columns by fields of `headrace.serving.Input`, from the first 100,000 rows or 256 MiB.

    The example is the first row without missing values among the first hundred, or else the first. Strings
    have a vocabulary if they repeat: at most 1,000 words, each twice on average. A column with missing values
    is optional. The unit is the text `unit` in the metadata of the column's field; the text `encoding` there
    says what numbers were made from: "number" from cells that also hold words, "boolean" from booleans.

    Args:
        data: A `Dataset`, another iterable of record batches, or a table in any form of `headrace.tables`.
        names: The columns.
    """
    columns = {name: _Column() for name in names}
    for batch in _read(data):
        for name, column in columns.items():
            index = find_column(batch.schema, name)
            if index >= 0:
                column.add(batch.schema.field(index), batch.column(index))
    found = {name: column for name, column in columns.items() if column.rows}
    row = _find_complete_row([column.first for column in found.values() if column.first is not None])
    return {name: column.describe(row) for name, column in found.items()}


def fingerprint_data(data: Any) -> str | None:
    """Return the fingerprint of the rows of a Dataset; None of other data."""
    rows = iter(data) if hasattr(data, "spec") else None
    if rows is None or not hasattr(rows, "state_dict"):
        return None
    state = rows.state_dict()
    rows.close()
    parts = [state[key] for key in ("source", "pipeline", "functions") if state.get(key)]
    return (
        parts[0]
        if len(parts) == 1
        else hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
    )


def _read(data: Any) -> Iterator[pa.RecordBatch]:
    rows = size = 0
    for batch in _list_batches(data):
        yield batch.slice(0, MOST_ROWS - rows)
        rows += batch.num_rows
        size += batch.nbytes
        if rows >= MOST_ROWS or size >= MOST_BYTES:
            return


def _list_batches(data: Any) -> Iterable[pa.RecordBatch]:
    if isinstance(getattr(data, "schema", None), pa.Schema) and not isinstance(
        data, pa.Table | pa.RecordBatch
    ):
        return data
    table = find_table(data, index=False)
    return data if table is None else table.to_batches()


@dataclass
class _Column:
    """What is known of one column after some batches."""

    rows: int = 0
    missing: int = 0
    low: int | float | None = None
    high: int | float | None = None
    words: dict[str, None] | None = field(default_factory=dict[str, None])
    unit: str | None = None
    encoding: str | None = None
    first: pa.Array | None = None

    def add(self, column: pa.Field, array: pa.Array) -> None:
        """Take the values of a batch into account."""
        if self.first is None and len(array):
            self.first = array.slice(0, _MOST_EXAMPLES)
            self.unit = _read_text(column, b"unit")
            encoding = _read_text(column, b"encoding")
            self.encoding = encoding if encoding in _ENCODINGS and column.type == pa.float64() else None
        self.rows += len(array)
        self.missing += array.null_count
        values = _flatten(array)
        if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
            values = pa.array(timestamps_from_arrow(values))
            values = values.filter(_call("not_equal", values, pa.scalar(MISSING_DATE)))
        if pa.types.is_floating(values.type):
            values = values.cast(pa.float64()) if pa.types.is_float16(values.type) else values
            self.missing += _call("sum", _call("is_nan", values)).as_py() or 0
            values = values.filter(_call("is_finite", values))
        if pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
            self._widen(_call("min_max", values).as_py())
        elif pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
            self._add_words(values)
        else:
            self.words = None

    def describe(self, row: int) -> dict[str, Any]:
        """Return fields of `Input`; `row` is the number of the example row."""
        found: dict[str, Any] = {"minimum": self.low, "maximum": self.high, "unit": self.unit}
        if self.words and 2 * len(self.words) <= self.rows:
            found |= {"vocabulary": tuple(self.words), "vocabulary_size": len(self.words)}
        example = None if self.first is None or len(self.first) <= row else _read_value(self.first, row)
        return {**found, "optional": bool(self.missing), "example": example, "encoding": self.encoding}

    def _widen(self, found: Mapping[str, Any]) -> None:
        low, high = found["min"], found["max"]
        if low is not None:
            self.low = low if self.low is None else min(self.low, low)
            self.high = high if self.high is None else max(self.high, high)

    def _add_words(self, values: pa.Array) -> None:
        if self.words is None or values.nbytes > _LONGEST_WORD * len(values):
            self.words = None  # texts, not words
            return
        self.words |= dict.fromkeys(word for word in _call("unique", values).to_pylist() if word)
        if len(self.words) > _MOST_WORDS:
            self.words = None


def _read_text(column: pa.Field, key: bytes) -> str | None:
    """Return a text of a field's metadata; None without."""
    return ((column.metadata or {}).get(key) or b"").decode(errors="replace") or None


def _call(name: str, *values: Any) -> Any:
    return pc.call_function(name, list(values))


def _flatten(array: pa.Array) -> pa.Array:
    """Return the values in a column of any shape."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    while pa.types.is_nested(array.type) and hasattr(array, "flatten") and not pa.types.is_struct(array.type):
        array = array.flatten()
    return array.dictionary_decode() if isinstance(array, pa.DictionaryArray) else array


def _find_complete_row(columns: list[pa.Array]) -> int:
    rows = min(map(len, columns), default=0)
    for row in range(rows):
        if not any(_is_missing(column[row]) for column in columns):
            return row
    return 0


def _is_missing(value: pa.Scalar) -> bool:
    found = value.as_py() if not isinstance(value, pa.ExtensionScalar) else value.value
    return found is None or (isinstance(found, float) and math.isnan(found))


def _read_value(column: pa.Array, row: int) -> Any:
    """Return a value as JSON holds it; None of bytes that are not text, and of values that are too large."""
    cell = column.slice(row, 1)
    if cell.nbytes > _LARGEST_EXAMPLE:
        return None
    try:
        value = from_arrow(cell)
    except SchemaError:
        found = cell[0].as_py()
        return found.isoformat() if hasattr(found, "isoformat") else None
    if isinstance(value, Ragged):
        value = value.values
        return value.to_pylist() if isinstance(value, pa.Array) else value.tolist()
    return value[0].as_py() if isinstance(value, pa.Array) else value[0].tolist()
