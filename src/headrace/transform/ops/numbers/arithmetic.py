"""Addition, subtraction, multiplication, division, minimum, maximum and clipping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.composite import composite
from headrace.transform.graph.op import ElementwiseOp, broadcast
from headrace.transform.ops.numbers.portable_math import portable_where
from headrace.transform.tracing.column import Column, apply
from headrace.transform.tracing.operators import align, promote

__all__ = ["clip", "maximum", "minimum"]


class _Binary(ElementwiseOp, abstract=True):
    arity = (2, 2)
    pointwise = True
    takes_any_size = True

    def infer(self, *types: ColumnType) -> ColumnType:
        if types[0].dtype == "bool":
            raise TraceError(f"{self.name} expects numbers, got booleans", hint="cast them first")
        return broadcast(self.name, *types)


def _rounds_to(value: Any, neutral: int) -> bool:
    """Return whether ONNX Runtime mistakes a constant for the neutral number.

    It rounds float64 to float32 before it removes x + 0, x - 0, x * 1 and x / 1 from a graph.
    """
    if not isinstance(value, np.ndarray) or value.dtype != np.float64 or value.size != 1:
        return False
    with np.errstate(all="ignore"):
        return bool((value.astype(np.float32) == neutral).all() and (value != neutral).all())


def _lower_sum(*values: Any) -> Any:
    """Lower x + y to ONNX's Sum, which is never removed."""
    import ndonnx as ndx
    import spox.opset.ai.onnx.v21 as op

    ragged = [each for each in values if isinstance(each, Ragged)]
    arrays = [each.values if isinstance(each, Ragged) else ndx.asarray(each) for each in values]
    found = ndx.asarray(op.sum([each.unwrap_spox() for each in arrays]))
    return Ragged(found, ragged[0].row_splits) if ragged else found


def _hide(value: np.ndarray, x: Any) -> Any:
    """Lower a constant so that it seems to depend on the size of x."""
    import ndonnx as ndx
    import spox.opset.ai.onnx.v21 as op

    size = op.size((x.values if isinstance(x, Ragged) else x).unwrap_spox())
    zero = op.cast(op.sub(size, size), to=np.float64)
    return ndx.asarray(op.sum([op.const(value), zero]))


@dataclass(frozen=True)
class Add(_Binary):
    """x + y."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.add(*arrays)

    def lower(self, *values: Any) -> Any:
        """See `Op.lower` and `_rounds_to`."""
        if any(_rounds_to(each, 0) for each in values):
            return _lower_sum(*values)
        return super().lower(*values)


@dataclass(frozen=True)
class Subtract(_Binary):
    """x - y."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.subtract(*arrays)

    def lower(self, *values: Any) -> Any:
        """See `Op.lower` and `_rounds_to`."""
        x, y = values
        return _lower_sum(x, -y) if _rounds_to(y, 0) else super().lower(x, y)


@dataclass(frozen=True)
class Multiply(_Binary):
    """x * y."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.multiply(*arrays)

    def lower(self, *values: Any) -> Any:
        """See `Op.lower` and `_rounds_to`."""
        x, y = values[::-1] if _rounds_to(values[0], 1) else values
        return super().lower(x, _hide(y, x) if _rounds_to(y, 1) else y)


@dataclass(frozen=True)
class Divide(_Binary):
    """x / y for floats; x / 0 is infinite or NaN, as IEEE 754 defines."""

    def infer(self, *types: ColumnType) -> ColumnType:
        if not all(each.is_float or each.is_string for each in types):
            raise TraceError(
                f"divide expects floats, got {' and '.join(map(str, types))}", hint="cast them first"
            )
        return super().infer(*types)

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.divide(*arrays)

    def lower(self, *values: Any) -> Any:
        """See `Op.lower` and `_rounds_to`."""
        x, y = values
        return super().lower(x, _hide(y, x) if _rounds_to(y, 1) else y)


@dataclass(frozen=True)
class Minimum(_Binary):
    """The smaller of x and y; NaN if either is NaN; -0.0 becomes 0.0."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, y = arrays
        takes_y = (y < x) | xp.isnan(y) if _floating(xp, x) else y < x
        return portable_where(xp, takes_y, y, x)


@dataclass(frozen=True)
class Maximum(_Binary):
    """The larger of x and y; NaN if either is NaN; -0.0 becomes 0.0."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, y = arrays
        takes_y = (y > x) | xp.isnan(y) if _floating(xp, x) else y > x
        return portable_where(xp, takes_y, y, x)


def _floating(xp: Any, array: Any) -> bool:
    return xp.isdtype(array.dtype, "real floating")


@composite
def minimum(x: Column | float, y: Column | float) -> Column:
    """Compute the smaller of x and y, row by row; NaN if either is NaN.

    Types are promoted as in arithmetic (see `Column`).
    """
    return apply(Minimum(), *align(*promote(x, y)))


@composite
def maximum(x: Column | float, y: Column | float) -> Column:
    """Compute the larger of x and y, row by row; NaN if either is NaN.

    Types are promoted as in arithmetic (see `Column`).
    """
    return apply(Maximum(), *align(*promote(x, y)))


def clip(x: Column, low: Column | float, high: Column | float) -> Column:
    """Limit each value of x to [low, high]; NaN stays NaN.

    `low` and `high` may be statistics, such as quantiles. Types are promoted as in arithmetic.
    """
    numbers = [each for each in (low, high) if not isinstance(each, Column)]
    if any(each != each for each in numbers) or (len(numbers) == 2 and numbers[0] > numbers[1]):
        raise TraceError(f"clip expects low <= high, got {low} and {high}", hint="swap them")
    return minimum(maximum(x, low), high)
