"""Missing values: NaN in a column of floats, the empty string in a column of strings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.composite import composite
from headrace.transform.graph.op import ElementwiseOp, Op, broadcast
from headrace.transform.ops.numbers.portable_math import portable_where
from headrace.transform.tracing.column import Column, align, apply, cast_to, constant

__all__ = ["fill_missing", "is_missing"]


@dataclass(frozen=True)
class IsMissing(ElementwiseOp):
    """Whether a float is NaN."""

    def infer(self, *types: ColumnType) -> ColumnType:
        _check_float(types[0])
        return replace(types[0], dtype="bool")

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.isnan(*arrays)


@dataclass(frozen=True)
class FillMissing(ElementwiseOp):
    """x, or y where x is NaN; 0.0 for -0.0."""

    pointwise = True

    def infer(self, *types: ColumnType) -> ColumnType:
        _check_float(types[0])
        return broadcast(self.name, *types)

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, y = arrays
        return portable_where(xp, xp.isnan(x), y, x)


@dataclass(frozen=True)
class FillMissingString(Op):
    """The string, or `text` where it is empty."""

    text: str

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_string:
            raise TraceError(
                f"{x} is to be filled with the string {self.text!r}", hint="fill it with a number"
            )
        return x

    def evaluate(self, *values: Any) -> Any:
        (x,) = values
        if isinstance(x, Ragged):
            return Ragged(self.evaluate(x.values), x.row_splits)
        return pc.call_function(
            "if_else", [pc.call_function("equal", [x, ""]), pa.scalar(self.text, x.type), x]
        )

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx

        (x,) = values
        if isinstance(x, Ragged):
            return Ragged(self.lower(x.values), x.row_splits)
        return ndx.where(x == "", ndx.asarray(self.text), x)


def _check_float(type_: ColumnType) -> None:
    if not type_.is_float:
        raise TraceError(
            f"a column of {type_} cannot say that a value is missing",
            hint="declare the column float64, where missing is NaN",
        )


def is_missing(x: Column) -> Column:
    """Whether each value is missing (bool): NaN, or the empty string."""
    return x == "" if x.type.is_string else apply(IsMissing(), x)


@composite
def fill_missing(x: Column, value: Column | float | str) -> Column:
    """Each value, or `value` where it is missing; `value` may be a statistic, such as `mean(x)`."""
    if isinstance(value, str):
        return apply(FillMissingString(value), x)
    if x.type.is_string:
        raise TraceError("strings are to be filled with something else", hint="pass a string")
    filler = value if isinstance(value, Column) else constant(value)
    return apply(FillMissing(), *align(x, cast_to(filler, x.type.dtype)))
