"""Rows of a column picked out, whatever the column is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import Ragged

__all__ = ["rows_by_group", "take"]


def rows_by_group(codes: np.ndarray, groups: int) -> Iterator[tuple[int, np.ndarray]]:
    """Each group that has rows, and which: row i is of group `codes[i]`."""
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=groups))
    for group, rows in enumerate(np.split(order, ends[:-1])):
        if len(rows):
            yield group, rows


def take(column: Any, rows: np.ndarray) -> Any:
    """Those rows of a column, in their order."""
    if isinstance(column, Ragged):
        lengths = np.diff(column.row_splits)[rows]
        splits = np.concatenate([[0], np.cumsum(lengths)])
        within = np.arange(splits[-1]) - np.repeat(splits[:-1], lengths)
        return Ragged(take(column.values, np.repeat(column.row_splits[:-1][rows], lengths) + within), splits)
    if isinstance(column, pa.Array):
        return column.take(pa.array(rows))
    return column[rows]
