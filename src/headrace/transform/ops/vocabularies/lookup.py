"""Table lookup by index, and membership in a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp, broadcast
from headrace.transform.ops.numbers.portable_math import portable_where
from headrace.transform.ops.vocabularies.apply_vocabulary import apply_vocabulary
from headrace.transform.tracing.column import Column, apply, constant, strings
from headrace.transform.tracing.exact_constants import as_numbers, check_held, exact_values

__all__ = ["isin", "lookup"]


@dataclass(frozen=True)
class Lookup(ElementwiseOp):
    """The entry of the table (a number or a row) at the index, or `default`; -0.0 becomes 0.0."""

    arity = (2, 2)

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
        if table.dtype == xp.uint64:  # runtimes select no uint64, but cast it to int64 and back without loss
            default = self.default - 2**64 if self.default >= 2**63 else self.default
            found = Lookup(int(default)).compute(xp, index, xp.astype(table, xp.int64))
            return xp.astype(found, xp.uint64)
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

    arity = (2, 2)

    def infer(self, *types: ColumnType) -> ColumnType:
        return replace(broadcast(self.name, types[0]), dtype="bool")

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, values = arrays
        return xp.any(xp.expand_dims(x, axis=-1) == values, axis=-1)


def lookup(index: Column, table: Column | Sequence[float], default_value: float = 0.0) -> Column:
    """Look up the entry of `table` at each index.

    Args:
        index: A column of integers, ragged or not.
        table: Numbers, or a statistic with one entry per index. Numbers are float32 if that holds the whole
            numbers among them, and else int64 or float64.
        default_value: The result for an index below 0, or not below the length of the table.

    Returns:
        A column in the type of `table`.

    Raises:
        TraceError: The type of `table` does not hold `default_value`.
    """
    entries = table if isinstance(table, Column) else constant(_smallest_type(table))
    check_held(np.asarray(default_value), entries.type.dtype, f"default_value {default_value}")
    is_float = entries.type.is_float
    return apply(Lookup(float(default_value) if is_float else int(default_value)), index, entries)


def _smallest_type(table: Sequence[float]) -> np.ndarray:
    """Convert numbers to float32 if it holds the whole numbers among them, else to int64 or float64."""
    given = as_numbers(table, "table")
    for dtype in ("float32", "float64"):
        _, held = exact_values(given, dtype)
        if (held | (given != given)).all():
            return given.astype(dtype)
        if given.dtype.kind in "iu":
            return given
    raise TraceError("the table has numbers that float64 does not hold", hint="pass integers only")


def isin(x: Column, values: Sequence[float] | Sequence[str]) -> Column:
    """Test whether each value of x is one of `values` (bool); NaN never is.

    Numbers that the type of x does not hold, such as 1.5 for integers, match nothing.

    Raises:
        TraceError: `x` holds numbers and `values` does not, or the reverse.
    """
    if x.type.is_string:
        words = cast("Sequence[str]", values)  # `strings` checks them
        return apply_vocabulary(x, strings(dict.fromkeys(words))) >= 0
    held, valid = exact_values(as_numbers(values, "isin"), x.type.dtype)
    return apply(IsIn(), x, constant(held[valid]))
