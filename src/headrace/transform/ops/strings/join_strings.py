"""Conversion of integers to strings, and concatenation of strings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headrace.columns import ColumnType, Ragged
from headrace.errors import SchemaError, TraceError
from headrace.transform.graph.composite import composite
from headrace.transform.graph.op import Op
from headrace.transform.ops.strings.hash_strings import hash_strings
from headrace.transform.tracing.column import Column, apply

__all__ = ["as_string", "hashed_cross", "join_strings"]


@dataclass(frozen=True)
class AsString(Op):
    """An integer in decimal notation, such as "-7"."""

    arity = (1, 1)

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_integer or x.shape:
            raise TraceError(
                f"as_string expects one integer per row or lists of integers, got {x}",
                hint="cast floats first: runtimes format them differently",
            )
        return replace(x, dtype="string")

    def evaluate(self, *values: Any) -> Any:
        (x,) = values
        if isinstance(x, Ragged):
            return Ragged(self.evaluate(x.values), x.row_splits)
        return pa.array(x).cast(pa.string())

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx
        import spox.opset.ai.onnx.v21 as op

        (x,) = values
        if isinstance(x, Ragged):
            return Ragged(self.lower(x.values), x.row_splits)
        return ndx.asarray(op.cast(x.unwrap_spox(), to=np.dtype(np.str_)))


@dataclass(frozen=True)
class JoinStrings(Op):
    """The strings of a row, or of the same place in its lists, joined by `separator`."""

    arity = (1, None)

    separator: str = ""

    def infer(self, *types: ColumnType) -> ColumnType:
        if not types or any(not each.is_string or each.ragged != types[0].ragged for each in types):
            raise TraceError(
                f"join_strings expects columns of strings, all ragged or none, got"
                f" {' and '.join(map(str, types)) or 'none'}",
                hint="convert integers by as_string",
            )
        return types[0]

    def evaluate(self, *values: Any) -> Any:
        first = values[0]
        if not isinstance(first, Ragged):
            return pc.call_function("binary_join_element_wise", [*values, pa.scalar(self.separator)])
        if any(not np.array_equal(first.row_splits, each.row_splits) for each in values):
            raise SchemaError(
                "join_strings expects lists of equal lengths", hint="join lists of the same column"
            )
        return Ragged(self.evaluate(*(each.values for each in values)), first.row_splits)

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx

        from headrace.transform.ops.strings import onnx_text as text

        if isinstance(values[0], Ragged):
            return Ragged(self.lower(*(each.values for each in values)), values[0].row_splits)
        joined = values[0]
        for each in values[1:]:
            between = (
                text.concat(joined, ndx.asarray(np.array([self.separator]))) if self.separator else joined
            )
            joined = text.concat(between, each)
        return joined


def as_string(x: Column) -> Column:
    """Convert integers to decimal notation; strings are returned unchanged.

    Raises:
        TraceError: `x` holds floats or booleans, or rows of several values.
    """
    return x if isinstance(x, Column) and x.type.is_string else apply(AsString(), x)  # pyright: ignore[reportUnnecessaryIsInstance]


def join_strings(columns: Sequence[Column], separator: str = "") -> Column:
    """Join the strings or integers of several columns to one string per row.

    `join_strings([city, street], ", ")` makes "Oslo, Main Street". Integers are converted by `as_string`.

    Args:
        columns: Columns of strings or integers, all ragged (with equal lengths) or none.
        separator: The text between two strings.
    """
    return apply(JoinStrings(separator), *(as_string(x) for x in columns))


@composite
def hashed_cross(columns: Sequence[Column], buckets: int, *, seed: int = 0) -> Column:
    """Hash each combination of the columns' values into a bucket: int64 in [0, buckets).

    The values are joined by "_X_", so that ("ab", "c") and ("a", "bc") differ, and hashed by `hash_strings`.
    It is a feature cross, as Keras's HashedCrossing makes.

    Args:
        columns: Columns of strings or integers.
        buckets: The number of buckets.
        seed: The seed of the hash function.
    """
    return hash_strings(join_strings(columns, "_X_"), buckets, seed=seed)
