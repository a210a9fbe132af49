"""Lengths of lists."""

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

    arity = (1, 1)

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.ragged:
            raise TraceError(f"row_length expects lists, got {x}", hint="tokenize text first")
        return ColumnType("int64")

    def evaluate(self, *values: Any) -> Any:
        (x,) = values
        return x.row_splits[1:] - x.row_splits[:-1]

    def lower(self, *values: Any) -> Any:
        return self.evaluate(*values)


def row_length(x: Column) -> Column:
    """Count the values of each list of x: int64."""
    return apply(RowLength(), x)


def word_count(tokens: Column) -> Column:
    """Count the tokens of each row: int64. TF Transform's name for `row_length`."""
    return row_length(tokens)
