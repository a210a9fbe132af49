"""Tables in any form as Arrow tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np
import pyarrow as pa

from headrace.columns import empty_batch
from headrace.errors import SchemaError, UsageError
from headrace.tables.arrays import to_array
from headrace.tables.names import check_names
from headrace.tables.pandas_frames import from_frame, is_frame
from headrace.tables.pandas_series import is_series
from headrace.tables.simple_types import simplify_table

__all__ = ["ACCEPTED", "find_table", "iterate_batches", "split_table", "to_batch", "to_table"]

ACCEPTED = "pass an Arrow table, a DataFrame, a dict of columns or a list of dicts"
_BATCH_ROWS = 1 << 16
_ARRAYS = (pa.Array, pa.ChunkedArray)
_OWN_LAYOUT = (*_ARRAYS, pa.Table, pa.RecordBatch, pa.RecordBatchReader, Mapping, list, tuple, np.ndarray)
_RENAME = "table.rename_columns([...])"


def to_table(data: Any, columns: Collection[str] | None = None) -> pa.Table:
    """Convert a table in any of the forms of `find_table`.

    Raises:
        UsageError: `data` is not a table, or names of columns are not distinct strings.
        SchemaError: A column of several types, or of one that Arrow does not have.
    """
    table = find_table(data, columns)
    if table is None:
        raise UsageError(f"expected a table, got {_describe(data)}", hint=ACCEPTED)
    return table


def find_table(data: Any, columns: Collection[str] | None = None, index: bool = True) -> pa.Table | None:
    """Convert a table, or return None if `data` is not a table.

    A table is an Arrow table, batch, reader or struct array; anything with Arrow's PyCapsule interface
    (`__arrow_c_stream__`, `__arrow_c_array__`), such as frames of Polars; a DataFrame or a named Series of
    pandas; a dict of columns; a structured NumPy array; a list of dicts, one per row.

    Args:
        data: The table.
        columns: The columns to convert; the others may become null. None is all.
        index: Whether named levels of the index of a pandas frame become columns.

    Raises:
        UsageError, SchemaError: See `to_table`.
    """
    found = _find(data, columns, index)
    if found is None:
        return None
    check_names(found.schema.names, _RENAME)
    return simplify_table(found, is_foreign=not isinstance(data, _OWN_LAYOUT))


def _describe(data: Any) -> str:
    """Name the type of what is not a table; of a list, that of the first value that is not a row."""
    name = type(data).__name__
    if not isinstance(data, list | tuple):
        return f"a {name}"
    other = [type(row).__name__ for row in data if not isinstance(row, Mapping)]
    return f"a {name} with a {other[0]}" if other else f"an empty {name}"


def _find(data: Any, columns: Collection[str] | None, index: bool) -> pa.Table | None:
    if isinstance(data, pa.Table):
        return data
    if isinstance(data, _ARRAYS):
        return pa.Table.from_struct_array(data) if pa.types.is_struct(data.type) else None
    if isinstance(data, pa.RecordBatch):
        return pa.Table.from_batches([data])
    if isinstance(data, pa.RecordBatchReader):
        return data.read_all()
    if is_frame(data):
        return from_frame(data, columns, index)
    if is_series(data):
        return None if getattr(data, "name", None) is None else _name_column(data.name, to_array(data))
    if isinstance(data, Mapping):
        return _from_columns(data, columns)
    if isinstance(data, np.ndarray):
        names = data.dtype.names
        return None if names is None else _from_columns({name: data[name] for name in names}, columns)
    if isinstance(data, list | tuple):
        is_rows = data and all(isinstance(row, Mapping) for row in data)
        return _from_rows(data, columns) if is_rows else None
    return _from_capsule(data)


def _from_capsule(data: Any) -> pa.Table | None:
    """Convert what has Arrow's PyCapsule interface."""
    if isinstance(data, type):
        return None
    if type(data).__module__.startswith("pyarrow.") and hasattr(data, "to_table"):
        return data.to_table()  # a dataset, a scanner
    _check_polars(data)
    if hasattr(data, "__arrow_c_stream__"):
        try:
            return pa.RecordBatchReader.from_stream(data).read_all()
        except pa.ArrowException as error:
            series, name = _find_column(data), getattr(data, "name", None)
            if series is None:
                what = f"a {type(data).__name__} cannot be converted ({str(error).splitlines()[0][:200]})"
                hint = "cast the column to a type that Arrow has"
                raise SchemaError(what, feature=_find_unknown(data), hint=hint) from error
            return _name_column(name, series) if name else None
    if hasattr(data, "__arrow_c_array__"):
        array = pa.array(data)
        return (
            pa.Table.from_batches([pa.RecordBatch.from_struct_array(array)])
            if pa.types.is_struct(array.type)
            else None
        )
    return None


def _check_polars(data: Any) -> None:
    """Refuse a LazyFrame, and columns of Python objects, which Polars exports as addresses."""
    if type(data).__module__.split(".")[0] != "polars":
        return
    if hasattr(data, "collect"):
        raise UsageError("expected a table, got a LazyFrame of Polars", hint="pass frame.collect()")
    types = data.schema if hasattr(data, "schema") else {data.name: data.dtype}
    wrong = next((name for name, type_ in types.items() if str(type_) == "Object"), None)
    if wrong is not None:
        raise SchemaError("Arrow has no type for Object", feature=wrong, hint="cast the column, or drop it")


def _find_unknown(data: Any) -> str | None:
    """Find the column of a frame, if it names its columns, whose type Arrow does not have."""
    names = getattr(data, "columns", None)
    if not isinstance(names, list) or not hasattr(data, "__getitem__"):
        return None
    return next((name for name in cast("list[str]", names) if _find_column(data[name]) is None), None)


def _find_column(data: Any) -> pa.ChunkedArray | None:
    try:
        return pa.chunked_array(data)
    except (pa.ArrowException, TypeError, ValueError):
        return None


def _name_column(name: Any, column: Any) -> pa.Table:
    check_names([name], 'series.rename("name")')
    return pa.table({name: column})


def _from_columns(data: Mapping[Any, Any], columns: Collection[str] | None) -> pa.Table:
    check_names(data, "use strings as keys")
    if not data:
        raise UsageError("expected at least one column, got none", hint="pass a dict of columns")
    if not any(map(_has_rows, data.values())):
        what = "expected columns, got a dict of single values"
        raise UsageError(what, hint="pass a list of values per column, or a list of dicts, one per row")
    chosen = [name for name in data if columns is None or name in columns]
    arrays = {name: to_array(data[name], name) for name in chosen}
    first = next(iter(arrays), "")
    for name, column in arrays.items():
        if len(column) != len(arrays[first]):
            raise SchemaError(
                f"expected {len(arrays[first]):,} rows, as in '{first}', got {len(column):,}",
                feature=name,
                hint="pass columns of equal length",
            )
    rows = len(arrays[first]) if arrays else 0
    return pa.table({name: arrays[name] if name in arrays else pa.nulls(rows) for name in data})


def _has_rows(column: Any) -> bool:
    return not isinstance(column, str | bytes | int | float | np.generic) and column is not None


def _from_rows(rows: Sequence[Mapping[Any, Any]], columns: Collection[str] | None) -> pa.Table:
    """Convert a list of dicts; a key that a row lacks is null."""
    names = dict.fromkeys(name for row in rows for name in row)
    check_names(names, "use strings as keys")
    if not names:
        raise UsageError("expected at least one column, got dicts without keys", hint="pass rows with keys")
    return _from_columns({name: [row.get(name) for row in rows] for name in names}, columns)


def iterate_batches(data: Any) -> Iterator[pa.RecordBatch]:
    """Iterate over the batches of several tables, each in any form of `find_table`.

    Raises:
        UsageError: `data` is not an iterable of tables.
    """
    if type(data).__module__.split(".")[0] == "datasets":
        raise UsageError(f"got a {type(data).__name__} of datasets", hint="use Dataset.from_huggingface")
    if is_series(data) or type(data).__module__.split(".")[0] == "polars":
        what = f"expected a table, got a {type(data).__name__} without a name"
        raise UsageError(what, hint='name it: series.rename("name")')
    if isinstance(data, str | bytes | np.ndarray | pa.Array | pa.ChunkedArray) or not isinstance(
        data, Iterable
    ):
        raise UsageError(f"expected a table, got a {type(data).__name__}", hint=ACCEPTED)
    for table in data:
        yield from [table] if isinstance(table, pa.RecordBatch) else split_table(to_table(table))


def split_table(table: pa.Table) -> list[pa.RecordBatch]:
    """Cut a table into batches of at most 65,536 rows; one without rows has one batch without rows."""
    batches = table.to_batches(max_chunksize=_BATCH_ROWS)
    return batches or [empty_batch(table.schema)]


def to_batch(data: Any, columns: Collection[str] | None = None) -> pa.RecordBatch:
    """Convert a table to one batch; see `to_table`."""
    table = to_table(data, columns)
    arrays = [column.combine_chunks() for column in table.columns]
    return pa.RecordBatch.from_arrays(arrays, schema=table.schema)
