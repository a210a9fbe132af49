"""Parse JSON lines, or single texts, into Arrow columns by a schema."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import numpy as np
import pyarrow as pa

from headrace import _native
from headrace import arrow_compute as pc
from headrace.data.json_values.faults import create_fault
from headrace.data.json_values.fields import convert, make_field, parsed_type
from headrace.errors import SchemaError

__all__ = ["JsonLineParser", "from_json"]

_MAX_CELLS = 4 << 20  # rows x columns of a batch


class JsonLineParser:
    """Parses lines of one object each.

    Args:
        schema: The keys to read, and their types.
        inferred: The columns whose types were inferred: a value that another type would have been inferred
            for is an error. Other columns take what their type can hold.
        closed: Whether a key that the schema lacks is an error.
        inferred_from: What types were inferred from, for messages.

    Raises:
        SchemaError: A type that JSON cannot hold.
    """

    def __init__(
        self,
        schema: pa.Schema,
        inferred: Collection[str] = (),
        *,
        closed: bool = False,
        inferred_from: str = "the first lines",
    ) -> None:
        self._schema = schema
        self._inferred = frozenset(inferred)
        self._closed = closed
        self._inferred_from = inferred_from
        self._fields = [
            make_field(each.name, each.type, strict=each.name in self._inferred, feature=each.name)
            for each in schema
        ]
        self._parsed = pa.schema([pa.field(each.name, parsed_type(each.type)) for each in schema])
        self._max_rows = max(1, _MAX_CELLS // max(1, sum(map(_count_columns, self._fields))))

    @property
    def batch_rows(self) -> int:
        """The rows of a batch; the last one of a text may have fewer."""
        return self._max_rows

    def parse(
        self, text: bytes, path: str | None = None, line: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Parse whole lines into batches whose size is bounded.

        Args:
            text: The lines.
            path: The file that they come from, for messages.
            line: The number of the first line there, from 1; None for texts that are not lines of a file.

        Raises:
            SchemaError: A line is not an object, or a value does not match its type.
        """
        data, start = np.frombuffer(text, np.uint8), 0
        while start < len(text):
            columns = _native.JsonColumns(self._fields, self._closed)
            size, lines, failure = columns.append(data[start:], self._max_rows)
            if failure is not None:
                name = failure[3][0].decode() if failure[3] else None
                is_inferred = name in self._inferred or (self._closed and name is None)
                raise create_fault(
                    failure,
                    text[start:],
                    self._schema,
                    path=path,
                    line=line,
                    inferred_from=self._inferred_from if is_inferred else None,
                )
            if columns.rows:
                numbers = columns.lines()
                batch = columns.finish(pa.RecordBatch._import_from_c, self._parsed)
                yield self._convert(batch, numbers, path, line)
            start += size
            line = None if line is None else line + lines

    def _convert(
        self, batch: pa.RecordBatch, numbers: np.ndarray, path: str | None, line: int | None
    ) -> pa.RecordBatch:
        arrays: list[pa.Array] = []
        for field, column in zip(self._schema, batch.columns, strict=True):
            try:
                if not field.nullable and column.null_count:
                    row = int(np.argmax(column.is_null().to_numpy(zero_copy_only=False)))
                    hint = "declare it nullable, or fill in values"
                    what = f"a required column has {column.null_count:,} nulls"
                    raise _RowError(row, what, hint)
                arrays.append(_convert_column(column, field))
            except _RowError as error:
                at = int(numbers[error.row])
                raise SchemaError(
                    error.what,
                    path=path,
                    line=None if line is None else line + at,
                    record=at if line is None else None,
                    feature=field.name,
                    hint=error.hint,
                ) from error
        if not arrays:
            return batch
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)


class _RowError(Exception):
    """A value that its type cannot hold."""

    def __init__(self, row: int, what: str, hint: str) -> None:
        super().__init__(what)
        self.row, self.what, self.hint = row, what, hint


def _count_columns(field: _native.JsonField) -> int:
    return 1 + sum(map(_count_columns, field[-1]))


def _convert_column(column: pa.Array, field: pa.Field) -> pa.Array:
    try:
        return convert(column, field.type, field.name)
    except (SchemaError, pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        row = _find_row(column, lambda part: convert(part, field.type, field.name))
        value = str(column[row].as_py())
        shown = value if len(value) <= 40 else value[:40] + "..."
        what = error.what if isinstance(error, SchemaError) else f"expected {field.type}, got {shown}"
        raise _RowError(row, what, "fix the value, or declare another type") from error


def _find_row(column: pa.Array, convert_part: Callable[[pa.Array], object]) -> int:
    """Find the first row that cannot be converted."""
    first, last = 0, len(column)  # not convertible within
    while last - first > 1:
        middle = (first + last) // 2
        try:
            convert_part(pa.concat_arrays([column.slice(first, middle - first)]))
        except (SchemaError, pa.ArrowInvalid, pa.ArrowNotImplementedError):
            last = middle
        else:
            first = middle
    return first


def from_json(texts: pa.Array, type_: pa.DataType, name: str = "") -> pa.Array:
    """Parse JSON texts into values of a type; an empty text or null is a missing value.

    Args:
        texts: The texts, strings.
        type_: The type of the values.
        name: The name of the column, for error messages.

    Raises:
        SchemaError: A text is not valid JSON of that type; `record` is its row.

    Example:
        >>> from_json(pa.array(["[1, 2]", "", "[]"]), pa.list_(pa.int64())).to_pylist()
        [[1, 2], None, []]
    """
    texts = texts.cast(pa.string()).fill_null("")
    texts = pc.call_function("if_else", [pc.call_function("equal", [texts, ""]), "null", texts])
    is_broken = pc.call_function("match_substring_regex", [texts], pc.MatchSubstringOptions("[\r\n]"))
    if is_broken.true_count:
        row = int(np.argmax(is_broken.to_numpy(zero_copy_only=False)))
        raise SchemaError("a JSON text contains a line break", record=row, feature=name, hint="fix the file")
    lines = pc.call_function("binary_join_element_wise", ['{"value": ', texts, "}\n", ""]).to_pylist()
    parser = JsonLineParser(pa.schema([pa.field("value", type_)]))
    try:
        parts = [batch.column(0) for batch in parser.parse("".join(lines).encode())]
    except SchemaError as error:
        raise SchemaError(error.what, record=error.record, feature=name, hint=error.hint) from error
    return pa.concat_arrays(parts) if parts else pa.array([], type_)
