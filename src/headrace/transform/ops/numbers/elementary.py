"""Elementary functions of one number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp, broadcast
from headrace.transform.ops.numbers.portable_math import compute_precisely, portable_where
from headrace.transform.tracing.column import Column, apply, as_floats

__all__ = ["abs", "ceil", "exp", "floor", "log", "log1p", "round", "sign", "sqrt"]


class _NumericOp(ElementwiseOp, abstract=True):
    pointwise = True

    def infer(self, *types: ColumnType) -> ColumnType:
        if types[0].dtype == "bool":
            raise TraceError(f"{self.name} of booleans", hint="cast them to a number first")
        return broadcast(self.name, *types)


class _FloatOp(ElementwiseOp, abstract=True):
    pointwise = True

    def infer(self, *types: ColumnType) -> ColumnType:
        if not types[0].is_float:
            raise TraceError(f"{self.name} is for floats, and {types[0]} came in", hint="cast it first")
        return types[0]


@dataclass(frozen=True)
class Sqrt(_FloatOp):
    """The square root; NaN below zero."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.sqrt(*arrays)


@dataclass(frozen=True)
class Log1p(_FloatOp):
    """log(1 + x), natural; within 2 units in the last place between runtimes."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return compute_precisely(xp, xp.log1p, *arrays)

    def lower(self, *values: Any) -> Any:
        """See `Op.lower`: ndonnx's own takes half as many steps more."""
        import ndonnx as ndx

        (x,) = values
        if isinstance(x, Ragged):
            return Ragged(self.lower(x.values), x.row_splits)
        return compute_precisely(ndx, _log1p, x)


@dataclass(frozen=True)
class Log(_FloatOp):
    """The natural logarithm; NaN below zero; within 2 units in the last place between runtimes."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return compute_precisely(xp, xp.log, *arrays)


@dataclass(frozen=True)
class Exp(_FloatOp):
    """e to the power of x; within 2 units in the last place between runtimes."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return compute_precisely(xp, xp.exp, *arrays)


@dataclass(frozen=True)
class Floor(_FloatOp):
    """The largest whole number at or below x."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.floor(*arrays)


@dataclass(frozen=True)
class Ceil(_FloatOp):
    """The smallest whole number at or above x."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.ceil(*arrays)


@dataclass(frozen=True)
class Round(_FloatOp):
    """The nearest whole number; of two equally near the even one."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.round(*arrays)


@dataclass(frozen=True)
class Abs(_NumericOp):
    """The distance from zero; the smallest signed integer has none, and stays."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.abs(*arrays)


@dataclass(frozen=True)
class Sign(_NumericOp):
    """-1, 0 or 1 as x is below, at or above 0; NaN stays."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        (x,) = arrays
        zero, one = xp.zeros((), dtype=x.dtype), xp.ones((), dtype=x.dtype)
        positive = portable_where(xp, x > zero, one, x)
        return (
            positive
            if xp.isdtype(x.dtype, "unsigned integer")
            else portable_where(xp, x < zero, -one, positive)
        )


def _log1p(x: Any) -> Any:
    """The logarithm of 1 + x as rounded, and what rounding took from it; nothing, where that is no number."""
    import ndonnx as ndx

    whole = x + 1
    rest, log = (x - (whole - 1)) / whole, ndx.log(whole)
    return ndx.where(ndx.isnan(rest), log, log + rest)


def sqrt(x: Column) -> Column:
    """The square root of each value; integers become float32 first."""
    return apply(Sqrt(), as_floats(x))


def log1p(x: Column) -> Column:
    """The natural logarithm of 1 + each value; integers become float32 first."""
    return apply(Log1p(), as_floats(x))


def log(x: Column) -> Column:
    """The natural logarithm of each value; integers become float32 first."""
    return apply(Log(), as_floats(x))


def exp(x: Column) -> Column:
    """E to the power of each value; integers become float32 first."""
    return apply(Exp(), as_floats(x))


def floor(x: Column) -> Column:
    """Each value, or the next whole number below; integers become float32 first."""
    return apply(Floor(), as_floats(x))


def ceil(x: Column) -> Column:
    """Each value, or the next whole number above; integers become float32 first."""
    return apply(Ceil(), as_floats(x))


def round(x: Column) -> Column:  # noqa: A001 - NumPy's name
    """The nearest whole number, of two the even one, as `numpy.round`; integers become float32 first."""
    return apply(Round(), as_floats(x))


def abs(x: Column) -> Column:  # noqa: A001 - NumPy's name
    """The distance of each value from zero."""
    return apply(Abs(), x)


def sign(x: Column) -> Column:
    """-1, 0 or 1 for each value below, at or above zero, in the column's type; NaN stays."""
    return apply(Sign(), x)
