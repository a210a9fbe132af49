"""Whole parts and remainders of division, and powers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp, broadcast
from headrace.transform.ops.numbers.portable_math import compute_precisely
from headrace.transform.tracing.column import Column

__all__ = ["power"]


class _Division(ElementwiseOp, abstract=True):
    def infer(self, *types: ColumnType) -> ColumnType:
        if types[0].dtype == "bool":
            raise TraceError(f"{self.name} of booleans", hint="cast them to a number first")
        return broadcast(self.name, *types)


@dataclass(frozen=True)
class FloorDivide(_Division):
    """The largest whole number at or below x / y: `x // y`.

    Integers divided by 0 give 0, and the smallest integer divided by -1 stays, where processors would trap.
    Floats give floor(x / y), each step rounded.
    """

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return _quotient(xp, *arrays)


@dataclass(frozen=True)
class Remainder(_Division):
    """x - (x // y) * y: `x % y`, of y's sign. For floats each step is rounded; x % 0 is x for integers."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, y = arrays
        return x - _quotient(xp, x, y) * y


@dataclass(frozen=True)
class Power(ElementwiseOp):
    """x to the power of y, of floats; within 2 units in the last place between runtimes.

    x to the power of 0, and 1 to the power of y, are 1 for NaN, too.
    """

    def infer(self, *types: ColumnType) -> ColumnType:
        if not all(each.is_float or each.is_string for each in types):
            raise TraceError(f"power of {' and '.join(map(str, types))}", hint="cast to floats first")
        return broadcast(self.name, *types)

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, y = arrays
        one = xp.ones((), dtype=x.dtype)  # as the power of any NaN to 0, too, on which runtimes disagree
        return xp.where((y == 0) | (x == one), one, compute_precisely(xp, xp.pow, x, y))


def _quotient(xp: Any, x: Any, y: Any) -> Any:
    if xp.isdtype(x.dtype, "real floating"):
        return xp.floor(x / y)
    zero, one = xp.zeros((), dtype=y.dtype), xp.ones((), dtype=y.dtype)
    if xp.isdtype(x.dtype, "unsigned integer"):
        return xp.where(y == zero, zero, xp.floor_divide(x, xp.where(y == zero, one, y)))
    harmless = xp.where((y == zero) | (y == -one), one, y)
    quotient = xp.where(y == -one, zero - x, xp.floor_divide(x, harmless))
    return xp.where(y == zero, zero, quotient)


def power(x: Column, y: Column | float) -> Column:
    """X to the power of y, `x ** y`; integers become float32 first."""
    return x**y
