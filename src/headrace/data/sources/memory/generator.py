"""Read rows that a function of the user yields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.arguments import is_iterable
from headrace.cached_property import cached_property
from headrace.columns import to_arrow, to_numpy_type
from headrace.data.fingerprint import fingerprint
from headrace.data.sources.files.inference import check_schema
from headrace.data.sources.files.select_columns import as_tuple, select_columns
from headrace.data.user_function import function_identity, function_name
from headrace.errors import SchemaError, UsageError
from headrace.suggestions import list_names, suggest
from headrace.tables import check_names, from_declared, from_values, mark_missing, replace_tensors

__all__ = ["GeneratorSource"]

_FIRST_ROWS = 256  # of which the schema is inferred
_MAX_ROWS = 4096  # of a batch
_MAX_BYTES = 8 << 20  # of a batch; the next batch has fewer rows
_END = object()


@dataclass(frozen=True)
class GeneratorSource:
    """Rows from a function that returns an iterable of dicts, tuples or record batches.

    The function is called anew for each pass over the data, and once more if the schema must be inferred from
    its first 256 rows: Python's numbers, booleans, strings, bytes and dates, lists of these, and arrays of
    NumPy or tensors (of one dimension: a list; of several: a tensor, all of one shape). A value that the
    schema would change, such as 2.5 among integers, is an error. A key that a row lacks is null.
    Rows of tuples have the columns of the schema; without one, the fields of a named tuple, or `column_0`,
    `column_1` and so on. Rows cannot be read by number: resuming replays the epoch.

    Attributes:
        function: Returns the rows from the start.
        declared: The schema of the rows; None infers one.
        columns: The columns to keep; None is all.
    """

    function: Callable[[], Iterable[Any]]
    declared: pa.Schema | None = None
    columns: tuple[str, ...] | None = None

    @classmethod
    def from_function(
        cls, function: Callable[[], Iterable[Any]], schema: pa.Schema | None = None, columns: Any = None
    ) -> GeneratorSource:
        """Create a source from a function.

        Raises:
            UsageError: `function` is not callable, or `schema` not a schema.
        """
        if not callable(function):
            raise UsageError(
                f"expected a function that returns the rows, got a {type(function).__name__}",
                hint="pass a function, such as lambda: rows; each epoch calls it",
            )
        check_schema(schema)
        return cls(function, schema, as_tuple(columns))

    @property
    def schema(self) -> pa.Schema:
        """The columns as declared, or inferred from the first rows.

        Raises:
            SchemaError: The function returns no rows, or the first rows differ in their types.
        """
        return select_columns(self._schema, self.columns, self._place)

    @property
    def num_rows(self) -> None:
        """None: the number of rows is unknown before reading."""
        return

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read rows in batches of at most 4,096, fewer if they are large; record batches are kept.

        Raises:
            SchemaError: A row does not match the schema; it names the row and the column.
        """
        names = self.schema.names
        for batch in self._read_all():
            yield batch if batch.schema.names == names else batch.select(names)

    def select_columns(self, columns: Sequence[str]) -> GeneratorSource:
        """Return a source of these columns; see `Selectable`."""
        return replace(self, columns=tuple(columns))

    @property
    def fingerprint(self) -> str:
        """A digest of the function's code and the values that it encloses."""
        return fingerprint(function_identity(self.function).digest, str(self.declared), str(self.columns))

    @property
    def cache_key(self) -> str | None:
        """The fingerprint; None if what the function yields cannot be known."""
        return None if function_identity(self.function).unknown else self.fingerprint

    @property
    def _place(self) -> str:
        return f"{function_name(self.function)}()"

    @cached_property
    def _schema(self) -> pa.Schema:
        if self.declared is not None:
            return self.declared
        rows = self._open()
        try:
            first = list(islice(rows, _FIRST_ROWS))
        finally:
            _close(rows)
        if not first:
            hint = "pass a schema to read no rows, or check the function"
            raise SchemaError(
                "the function returned no rows to infer a schema from", path=self._place, hint=hint
            )
        if isinstance(first[0], pa.RecordBatch):
            return first[0].schema
        dicts = [_to_dict(row, None, number, self._place) for number, row in enumerate(first)]
        names = dict.fromkeys(name for row in dicts for name in row)
        if not names:
            what = "the first rows have no columns"
            raise SchemaError(what, path=self._place, record=0, hint="yield dicts with a key per column")
        check_names(names, "yield dicts with strings as keys")
        return pa.schema([pa.field(name, self._infer_type(dicts, name)) for name in names])

    def _infer_type(self, rows: list[dict[str, Any]], name: str) -> pa.DataType:
        values = replace_tensors([row.get(name) for row in rows])
        first = next((value for value in values if value is not None), None)
        if isinstance(first, np.ndarray) and first.ndim > 1:
            return to_arrow(first[None]).type
        try:
            type_ = from_values(values, name).type
        except SchemaError as error:
            what = f"the first {len(rows):,} rows have no common type ({error.what})"
            row, hint = error.record, "pass a schema"
            raise SchemaError(what, path=self._place, record=row, feature=name, hint=hint) from error
        return pa.string() if pa.types.is_null(type_) else type_

    def _open(self) -> Iterator[Any]:
        rows: Any = self.function()
        if isinstance(rows, str | bytes | Mapping) or not is_iterable(rows):
            raise UsageError(
                f"expected the function to return an iterable of rows, got a {type(rows).__name__}",
                path=self._place,
                hint="yield dicts, tuples or record batches",
            )
        return iter(rows)

    def _read_all(self) -> Iterator[pa.RecordBatch]:
        rows = self._open()
        try:
            yield from self._cut(rows)
        finally:
            _close(rows)

    def _cut(self, rows: Iterator[Any]) -> Iterator[pa.RecordBatch]:
        row: Any
        done, size = 0, _FIRST_ROWS
        while (row := next(rows, _END)) is not _END:
            if isinstance(row, pa.RecordBatch):
                yield self._check_batch(row, done)
                done += row.num_rows
                continue
            batch = self._convert(list(islice(chain([row], rows), size)), done)
            yield batch
            done += batch.num_rows
            row_bytes = batch.nbytes / batch.num_rows
            size = max(1, min(_MAX_ROWS, int(_MAX_BYTES / max(row_bytes, 1))))

    def _check_batch(self, batch: pa.RecordBatch, row: int) -> pa.RecordBatch:
        if not batch.schema.equals(self._schema):
            what = f"expected a record batch of the schema {_show(self._schema)}, got {_show(batch.schema)}"
            raise SchemaError(what, path=self._place, record=row, hint="yield batches of one schema")
        return batch

    def _convert(self, rows: list[Any], first: int) -> pa.RecordBatch:
        schema = self._schema
        dicts = [_to_dict(row, schema, first + number, self._place) for number, row in enumerate(rows)]
        arrays = []
        for field in schema:
            values = replace_tensors([row.get(field.name) for row in dicts])
            try:
                arrays.append(_to_array(values, field.type))
            except (pa.ArrowException, TypeError, ValueError, OverflowError):
                raise self._mismatch(values, field, first) from None
            if not field.nullable and arrays[-1].null_count:
                number = next(number for number, value in enumerate(values) if value is None)
                what, hint = "a required column has no value", "declare it nullable, or yield a value"
                raise SchemaError(
                    what, path=self._place, record=first + number, feature=field.name, hint=hint
                )
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _mismatch(self, values: Sequence[Any], field: pa.Field, first: int) -> SchemaError:
        for number, value in enumerate(values):
            try:
                _to_array([value], field.type)
            except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
                shown = repr(value)
                what = f"expected {field.type}, got {shown if len(shown) <= 60 else type(value).__name__}"
                return SchemaError(
                    f"{what} ({error})" if isinstance(error, pa.ArrowException) else what,
                    path=self._place,
                    record=first + number,
                    feature=field.name,
                    hint="pass a schema that holds all rows, or yield one type",
                )
        return SchemaError(f"the rows do not match {field.type}", path=self._place, feature=field.name)


def _close(rows: Iterator[Any]) -> None:
    """Close a generator, so that its `finally` blocks run now."""
    close = getattr(rows, "close", None)
    if close is not None:
        with suppress(ValueError):  # it is running in another thread
            close()


def _to_dict(row: Any, schema: pa.Schema | None, number: int, place: str) -> dict[str, Any]:
    """Name the values of a row, and check that the schema has them."""
    if isinstance(row, Mapping):
        named = dict(row)
    elif isinstance(row, tuple):
        fields = getattr(row, "_fields", None) or [f"column_{index}" for index in range(len(row))]
        names = fields if schema is None else schema.names
        if len(names) != len(row):
            what = f"expected a tuple of {len(names)} values, {list_names(names)}, got {len(row)}"
            raise SchemaError(what, path=place, record=number, hint="yield one value per column")
        named = dict(zip(names, row, strict=True))
    else:
        what = f"expected a dict, a tuple or a record batch, got a {type(row).__name__}"
        raise SchemaError(what, path=place, record=number, hint="yield rows of one kind")
    known = set() if schema is None else set(schema.names)
    unknown = next((name for name in named if schema is not None and name not in known), None)
    if unknown is not None:
        assert schema is not None
        hint = suggest(unknown, schema.names) or "pass a schema that has it"
        what = f"the row has a column that the schema lacks ({list_names(schema.names)})"
        raise SchemaError(what, path=place, record=number, feature=str(unknown), hint=hint)
    return named


def _to_array(values: Sequence[Any], type_: pa.DataType) -> pa.Array:
    values = list(mark_missing(values))
    if not isinstance(type_, pa.FixedShapeTensorType):
        return from_declared(values, type_)
    shape, scalar = tuple(type_.shape), to_numpy_type(type_.value_type)
    flat: list[Any] = []
    for value in values:
        array = None if value is None else np.asarray(value)
        is_masked = array is not None and array.dtype == object
        fits = array is None or is_masked or np.can_cast(array.dtype, scalar, "safe")
        if array is not None and (array.shape != shape or not fits):
            raise TypeError(f"expected an array of shape {shape}, got {array.shape} of {array.dtype}")
        if array is not None:
            array = array if is_masked else array.astype(scalar, copy=False)
        flat.append(None if array is None else array.reshape(-1))
    return pa.ExtensionArray.from_storage(type_, pa.array(flat, type_.storage_type))


def _show(schema: pa.Schema) -> str:
    return list_names(f"{field.name}: {field.type}" for field in schema)
