"""Frames of pandas as Arrow. pandas is not imported: who holds a frame has imported it.

Missing values (NaN, None, NA, NaT) are null. Named levels of the index become the first columns; an index
without a name is the numbers of the rows, and is left out.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import Any

import pyarrow as pa

from headrace.errors import UsageError
from headrace.tables.arrays import to_array
from headrace.tables.names import check_names

__all__ = ["check_index", "from_frame", "is_frame"]


def is_frame(data: Any) -> bool:
    """Return whether `data` is a DataFrame of pandas."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(data, pandas.DataFrame)


def from_frame(frame: Any, columns: Collection[str] | None, index: bool) -> pa.Table:
    """Convert a DataFrame.

    Args:
        frame: The frame.
        columns: The columns to convert; the others become null. None is all.
        index: Whether named levels of the index become columns.

    Raises:
        UsageError: Names of columns that are not distinct strings.
        SchemaError: A column of several types, or of one that Arrow does not have.
    """
    if frame.columns.nlevels > 1:
        what = f"expected one name per column, got a MultiIndex such as {frame.columns[0]!r}"
        raise UsageError(what, hint='join them: frame.columns = ["_".join(names) for names in frame.columns]')
    levels = _named_levels(frame) if index else []
    names = [name for name, _ in levels] + list(frame.columns)
    check_names(names, "frame.columns = [...] or frame.rename(columns={...})")
    named = [*levels, *((name, place) for place, name in enumerate(frame.columns))]
    arrays: dict[str, Any] = {}
    for number, (name, place) in enumerate(named):
        if columns is not None and name not in columns:
            arrays[name] = pa.nulls(len(frame))
        else:
            is_level = number < len(levels)
            values = frame.index.get_level_values(place) if is_level else frame.iloc[:, place]
            arrays[name] = to_array(values, name)
    if not arrays:
        raise UsageError("expected at least one column, got none", hint="pass a frame with columns")
    return pa.table(arrays)


def check_index(frame: Any) -> None:
    """Refuse an index without a name that holds more than numbers of rows, which would be lost.

    Raises:
        UsageError: Such an index.
    """
    if not is_frame(frame):
        return
    pandas = sys.modules["pandas"]
    for place, name in enumerate(frame.index.names):
        level = frame.index.get_level_values(place)
        if name is None and len(level) and not pandas.api.types.is_integer_dtype(level.dtype):
            hint = 'name it: frame.rename_axis("name"), or drop it: frame.reset_index(drop=True)'
            raise UsageError(f"the index has values of {level.dtype}, but no name", hint=hint)


def _named_levels(frame: Any) -> list[tuple[Any, int]]:
    return [(name, place) for place, name in enumerate(frame.index.names) if name is not None]
