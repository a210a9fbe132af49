"""Floor division, remainders and powers."""

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
    arity = (2, 2)

    def infer(self, *types: ColumnType) -> ColumnType:
        if types[0].dtype == "bool":
            raise TraceError(f"{self.name} expects numbers, got booleans", hint="cast them first")
        return broadcast(self.name, *types)


@dataclass(frozen=True)
class FloorDivide(_Division):
    """The largest whole number at or below x / y: `x // y`.

    An integer divided by 0 is 0, and the smallest integer divided by -1 is itself; CPUs trap on both. For
    floats the result is floor(x / y), with each step rounded.
    """

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return _quotient(xp, *arrays)


@dataclass(frozen=True)
class Remainder(_Division):
    """x - (x // y) * y: `x % y`, with the sign of y. Integers: x % 0 is x. Floats: each step is rounded."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, y = arrays
        return x - _quotient(xp, x, y) * y


@dataclass(frozen=True)
class Power(ElementwiseOp):
    """x to the power of y for floats; runtimes agree within 2 units in the last place.

    x to the power of 0 and 1 to the power of y are 1, also for NaN.
    """

    arity = (2, 2)

    def infer(self, *types: ColumnType) -> ColumnType:
        if not all(each.is_float or each.is_string for each in types):
            raise TraceError(
                f"power expects floats, got {' and '.join(map(str, types))}", hint="cast them first"
            )
        return broadcast(self.name, *types)

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, y = arrays
        one = xp.ones((), dtype=x.dtype)  # also for NaN to the power of 0, on which runtimes disagree
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
    """Raise each value of x to the power of y: `x ** y`; integers are cast to floats."""
    return x**y
