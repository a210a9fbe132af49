"""Comparisons, and the choice between two columns by a condition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pyarrow.compute as pc

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.composite import composite
from headrace.transform.graph.op import ElementwiseOp, Op, broadcast
from headrace.transform.ops.numbers.portable_math import portable_where
from headrace.transform.tracing.column import Column, apply, cast_to
from headrace.transform.tracing.operators import align, promote

__all__ = ["where"]


class _Comparison(ElementwiseOp, abstract=True):
    arity = (2, 2)

    def infer(self, *types: ColumnType) -> ColumnType:
        return replace(broadcast(self.name, *types), dtype="bool")


class _Order(_Comparison, abstract=True):
    def infer(self, *types: ColumnType) -> ColumnType:
        if types[0].dtype == "bool":
            raise TraceError(f"{self.name} is not defined for booleans", hint="compare with ==")
        return super().infer(*types)


@dataclass(frozen=True)
class Less(_Order):
    """x < y; False if either is NaN."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.less(*arrays)


@dataclass(frozen=True)
class LessEqual(_Order):
    """x <= y; False if either is NaN."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.less_equal(*arrays)


@dataclass(frozen=True)
class Equal(_Comparison):
    """x == y; False if either is NaN."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.equal(*arrays)


@dataclass(frozen=True)
class EqualString(Op):
    """Equality of a string with `text`, byte for byte."""

    arity = (1, 1)

    text: str

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_string:
            raise TraceError(
                f"cannot compare a column of {x} with the string {self.text!r}",
                hint="compare it with a number",
            )
        return replace(x, dtype="bool")

    def evaluate(self, *values: Any) -> Any:
        (x,) = values
        if isinstance(x, Ragged):
            return Ragged(self.evaluate(x.values), x.row_splits)
        return pc.call_function("equal", [x, self.text]).to_numpy(zero_copy_only=False)

    def lower(self, *values: Any) -> Any:
        (x,) = values
        return Ragged(x.values == self.text, x.row_splits) if isinstance(x, Ragged) else x == self.text


@dataclass(frozen=True)
class Where(ElementwiseOp):
    """x where the condition holds, else y; -0.0 becomes 0.0."""

    arity = (3, 3)

    def infer(self, *types: ColumnType) -> ColumnType:
        if types[0].dtype != "bool":
            raise TraceError(
                f"where expects a condition (bool), got {types[0]}", hint="compare the column with a value"
            )
        return replace(broadcast(self.name, *types), dtype=types[1].dtype)

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return portable_where(xp, *arrays)


@composite
def where(condition: Column, x: Column | float, y: Column | float) -> Column:
    """Select `x` in the rows where `condition` holds, and `y` in the others.

    Args:
        condition: A column of booleans; numbers hold unless they are 0.
        x: A column of numbers, a statistic or a number.
        y: The alternative; both are promoted to one type as in arithmetic (see `Column`).
    """
    return apply(Where(), *align(cast_to(condition, "bool"), *promote(x, y)))
