"""The columns that a model reads, out of a table in any form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.errors import SchemaError, UsageError
from headrace.serving.feed.one_row import to_columns
from headrace.serving.signature import Input
from headrace.tables import ACCEPTED, to_batch

__all__ = ["select_columns"]


def select_columns(data: Any, inputs: Sequence[Input]) -> tuple[pa.RecordBatch, Sequence[str]]:
    """Convert the columns that a model reads; others are not looked at, whatever their type.

    Args:
        data: One row as a dict or a Series of pandas, or a table in any form of `headrace.tables`.
        inputs: The columns to read.

    Returns:
        The columns that the table has, and the names of all its columns.

    Raises:
        UsageError: `data` is not a table.
        SchemaError: A column of several types, or one that Arrow does not have.
    """
    wanted = [each.name for each in inputs]
    if isinstance(data, pa.RecordBatch | pa.Table):
        return _select(data, wanted), data.schema.names
    if _is_row_of_pandas(data, wanted):
        data = {name: data[name] for name in data.index if isinstance(name, str)}
    if isinstance(data, Mapping):
        _check_keys(data)
        found = {name: data[name] for name in wanted if name in data}
        return (_convert(to_columns(found, inputs), found) if found else _no_columns()), list(data)
    if isinstance(data, list | tuple) and data and all(isinstance(row, Mapping) for row in data):
        names = list(dict.fromkeys(name for row in data for name in row))
        known = set(names)
        found = [name for name in wanted if name in known]
        rows = [{name: row.get(name) for name in found} for row in data]
        return (_convert(rows, found) if found else _no_columns()), names
    if isinstance(data, np.ndarray) and data.dtype.names is not None:
        known = set(data.dtype.names)
        found = [name for name in wanted if name in known]
        return (_convert(data[found], found) if found else _no_columns()), data.dtype.names
    return _select_from_frame(data, wanted)


def _select_from_frame(data: Any, wanted: Sequence[str]) -> tuple[pa.RecordBatch, Sequence[str]]:
    """Select columns of a frame of pandas or Polars before they are converted, of other tables after it."""
    module = type(data).__module__.split(".")[0]
    is_lazy = module == "polars" and hasattr(data, "collect")
    names = None if is_lazy else getattr(data, "columns", None)
    if module == "polars" and names is not None:
        names, known = list(data.columns), set(data.columns)
        found = [name for name in wanted if name in known]
        return (_convert(data.select(found), found) if found else _no_columns()), names
    if module == "pandas" and names is not None and getattr(names, "nlevels", 1) == 1:
        levels = [name for name in data.index.names if isinstance(name, str)]
        known = set(wanted)
        kept = [isinstance(name, str) and name in known for name in names]
        if not any(kept) and known.isdisjoint(levels):
            return _no_columns(), [*map(str, names), *levels]
        return _convert(data.loc[:, kept], known), [*map(str, names), *levels]
    if isinstance(data, str):
        raise UsageError(f"expected a table, got a string, {data[:40]!r}", hint=ACCEPTED)
    batch = to_batch(data, wanted)
    return _select(batch, wanted), batch.schema.names


def _convert(data: Any, wanted: Any) -> pa.RecordBatch:
    return _select(to_batch(data, wanted), wanted)


def _no_columns() -> pa.RecordBatch:
    return pa.record_batch({})


def _select(data: pa.RecordBatch | pa.Table, wanted: Any) -> pa.RecordBatch:
    places, known = dict[str, int](), set(wanted)
    for place, name in enumerate(data.schema.names):
        if name in places and name in known:
            raise SchemaError("two columns have this name", feature=name, hint="rename one, or drop it")
        places[name] = place
    found = [name for name in wanted if name in places]
    chosen = data.select([places[name] for name in found])
    return chosen if isinstance(chosen, pa.RecordBatch) else to_batch(chosen)


def _check_keys(row: Mapping[Any, Any]) -> None:
    if not row:
        raise UsageError("expected a row or a dict of columns, got an empty dict", hint=ACCEPTED)


def _is_row_of_pandas(data: Any, wanted: Sequence[str]) -> bool:
    """Whether data is a row of a frame, such as `frame.iloc[0]`: a Series with the columns as its index."""
    is_series = type(data).__module__.split(".")[0] == "pandas" and type(data).__name__ == "Series"
    known = set(wanted)
    return is_series and any(isinstance(name, str) and name in known for name in data.index)
