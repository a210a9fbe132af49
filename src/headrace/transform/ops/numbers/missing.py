"""Missing values: NaN in a column of floats, the empty string in a column of strings."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from headrace.columns import ColumnType, Ragged, date_to_microseconds
from headrace.errors import TraceError
from headrace.transform.graph.composite import composite
from headrace.transform.graph.op import ElementwiseOp, Op, broadcast
from headrace.transform.ops.numbers.portable_math import portable_where
from headrace.transform.tracing.column import Column, apply, constant, make_op
from headrace.transform.tracing.missing_integers import hold_missing
from headrace.transform.tracing.operators import align, hold_exactly

__all__ = ["fill_missing", "is_missing"]


@dataclass(frozen=True)
class IsMissing(ElementwiseOp):
    """True if a float is NaN."""

    arity = (1, 1)
    handles_missing = True

    def infer(self, *types: ColumnType) -> ColumnType:
        _check_float(types[0])
        return replace(types[0], dtype="bool")

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.isnan(*arrays)


@dataclass(frozen=True)
class FillMissing(ElementwiseOp):
    """x, or y where x is NaN; -0.0 becomes 0.0."""

    arity = (2, 2)
    handles_missing = True

    pointwise = True

    def infer(self, *types: ColumnType) -> ColumnType:
        _check_float(types[0])
        return broadcast(self.name, *types)

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, y = arrays
        return portable_where(xp, xp.isnan(x), y, x)


@dataclass(frozen=True)
class FillMissingString(Op):
    """The string, or `text` if it is empty."""

    arity = (1, 1)

    text: str

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_string:
            raise TraceError(
                f"cannot fill a column of {x} with the string {self.text!r}", hint="fill it with a number"
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
            f"a column of {type_} cannot mark a value as missing",
            hint="declare the column float64; a missing value is then NaN",
        )


def is_missing(x: Column) -> Column:
    """Test whether each value of x is missing: NaN, the empty string or a missing date (bool).

    A column of integers is read as float64 (see `fill_missing`).

    Raises:
        TraceError: `x` holds integers that were computed, or booleans, which cannot be missing.
    """
    if x.type.is_timestamp:
        return apply(make_op("is_missing_date"), x)
    return x == "" if x.type.is_string else apply(IsMissing(), hold_missing(x))


@composite
def fill_missing(x: Column, value: Column | float | str | datetime.date) -> Column:
    """Replace missing values of x (NaN, the empty string, or a missing date) by `value`.

    A column of the data that happens to hold whole numbers is read as float64, wherever it is used, so that
    its values may be missing later: the result is a float.

    Args:
        x: A column of numbers, of strings or of dates.
        value: A number, a string, a column, or a statistic such as `mean(x)`, cast to the type of `x`; for
            dates a `datetime`, a `date` or an ISO string.

    Raises:
        TraceError: `x` holds integers that were computed, or booleans; or `value` does not fit its type.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> batch = pa.record_batch({"age": [30.0, float("nan"), 50.0]})
        >>> filled = hr.transform.analyze(
        ...     lambda x: {"age": hr.transform.fill_missing(x["age"], hr.transform.mean(x["age"]))}, [batch]
        ... )
        >>> filled(batch)["age"].to_pylist()
        [30.0, 40.0, 50.0]
    """
    if x.type.is_timestamp:
        if not isinstance(value, str | datetime.date):
            raise TraceError("cannot fill a column of dates with a number", hint="pass a date")
        return apply(make_op("fill_missing_date", date_to_microseconds(value)), x)
    if isinstance(value, datetime.date):
        raise TraceError(f"cannot fill a column of {x.type} with a date", hint="parse its dates first")
    if isinstance(value, str):
        return apply(FillMissingString(value), x)
    if x.type.is_string:
        raise TraceError("cannot fill a string column with a number", hint="pass a string")
    x = hold_missing(x)
    filler = value if isinstance(value, Column) else constant(value)
    return apply(FillMissing(), *align(x, hold_exactly(filler, x.type.dtype)))
