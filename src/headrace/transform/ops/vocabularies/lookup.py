"""Table lookup by index, and membership in a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp, broadcast
from headrace.transform.ops.numbers.portable_math import portable_where
from headrace.transform.ops.vocabularies.apply_vocabulary import apply_vocabulary
from headrace.transform.tracing.column import Column, apply, cast_to, constant, strings

__all__ = ["isin", "lookup"]


@dataclass(frozen=True)
class Lookup(ElementwiseOp):
    """The entry of the table (a number or a row) at the index, or `default`; -0.0 becomes 0.0."""

    default: float = 0.0

    def infer(self, *types: ColumnType) -> ColumnType:
        index, table = types
        entry = table.shape if table.ragged else table.shape[1:]
        has_entries = table.ragged or len(table.shape) > 0
        if (
            not index.is_integer
            or table.is_string
            or not has_entries
            or (entry and str(index) != index.dtype)
        ):
            raise TraceError(
                f"lookup expects integers and a table of numbers, got {index} and {table}",
                hint="pass one integer per row if an entry holds several numbers",
            )
        return replace(index, dtype=table.dtype, shape=index.shape or entry)

    def compute(self, xp: Any, *arrays: Any) -> Any:
        index, table = arrays
        index = xp.astype(index, xp.int64)
        other = xp.asarray(self.default, dtype=table.dtype)
        size, *entry = table.shape
        if not size:
            table = xp.zeros((1, *entry), dtype=table.dtype)
        there = (index >= 0) & (index < size)
        places = xp.where(there, index, xp.zeros((), dtype=xp.int64))
        found = xp.take(table, xp.reshape(places, (-1,)), axis=0)
        if index.ndim != 1:
            found = xp.reshape(found, (-1, *index.shape[1:]) if index.ndim else tuple(entry))
        there = xp.reshape(there, (-1, *(1 for _ in entry))) if entry else there
        return portable_where(xp, there, found, other)


@dataclass(frozen=True)
class IsIn(ElementwiseOp):
    """True if a number is in a constant list; NaN never is."""

    def infer(self, *types: ColumnType) -> ColumnType:
        return replace(broadcast(self.name, types[0]), dtype="bool")

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, values = arrays
        return xp.any(xp.expand_dims(x, axis=-1) == values, axis=-1)


def lookup(index: Column, table: Column | Sequence[float], default_value: float = 0.0) -> Column:
    """Look up the entry of `table` at each index.

    Args:
        index: A column of integers, ragged or not.
        table: Numbers (float32), or a statistic with one entry per index.
        default_value: The result for an index below 0, or not below the length of the table.

    Returns:
        A column in the type of `table`.
    """
    entries = table if isinstance(table, Column) else constant(np.asarray(table, np.float32))
    return apply(Lookup(float(default_value)), index, entries)


def isin(x: Column, values: Sequence[float] | Sequence[str]) -> Column:
    """Test whether each value of x is one of `values` (bool); NaN never is.

    Raises:
        TraceError: `x` holds numbers and `values` does not.
    """
    if x.type.is_string:
        return apply_vocabulary(x, strings(dict.fromkeys(map(str, values)))) >= 0
    given = np.asarray(list(values))
    if given.dtype.kind not in "biuf":
        raise TraceError(
            f"isin expects numbers for a column of {x.type}, got {values!r}", hint="pass numbers"
        )
    return apply(IsIn(), x, cast_to(constant(given), x.type.dtype))
