"""How many values a row has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import Op
from headrace.transform.tracing.column import Column, apply

__all__ = ["row_length", "word_count"]


@dataclass(frozen=True)
class RowLength(Op):
    """The length of each list."""

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.ragged:
            raise TraceError(f"row_length of {x}, which is no list", hint="tokenize text first")
        return ColumnType("int64")

    def evaluate(self, *values: Any) -> Any:
        (x,) = values
        return x.row_splits[1:] - x.row_splits[:-1]

    def lower(self, *values: Any) -> Any:
        return self.evaluate(*values)


def row_length(x: Column) -> Column:
    """The number of values in each list, int64."""
    return apply(RowLength(), x)


def word_count(tokens: Column) -> Column:
    """The number of tokens in each row, int64; TF Transform's name for `row_length`."""
    return row_length(tokens)
