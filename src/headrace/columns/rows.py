"""Rows of columns: their selection, their division into groups, and none of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns.arrays import Ragged

__all__ = ["empty_batch", "group_rows", "take_rows"]


def empty_batch(schema: pa.Schema) -> pa.RecordBatch:
    """Return a batch without rows, of any types; Arrow's own constructors lack some, such as unions."""
    return pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in schema], schema=schema)


def group_rows(codes: np.ndarray, groups: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield each group that has rows, with the numbers of its rows in order.

    Args:
        codes: The group of each row, integers, shape [rows].
        groups: The number of groups.
    """
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=groups))
    for group, rows in enumerate(np.split(order, ends[:-1])):
        if len(rows):
            yield group, rows


def take_rows(column: Any, rows: np.ndarray) -> Any:
    """Return the given rows of a column, in the given order.

    Args:
        column: An array, Arrow array or `Ragged`, as `from_arrow` returns it.
        rows: Row numbers, integers.
    """
    if isinstance(column, Ragged):
        lengths = np.diff(column.row_splits)[rows]
        splits = np.concatenate([[0], np.cumsum(lengths)])
        within = np.arange(splits[-1]) - np.repeat(splits[:-1], lengths)
        values = take_rows(column.values, np.repeat(column.row_splits[:-1][rows], lengths) + within)
        return Ragged(values, splits)
    if isinstance(column, pa.Array):
        return column.take(pa.array(rows))
    return column[rows]
