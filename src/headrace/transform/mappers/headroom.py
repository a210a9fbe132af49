"""Arithmetic with statistics that neither loses digits of integers nor leaves the range of the floats."""

from __future__ import annotations

from headrace.columns import ColumnType
from headrace.transform.ops.numbers.differences import Headroom
from headrace.transform.tracing.column import Column, apply, as_floats
from headrace.transform.tracing.promotion import float_dtype

__all__ = ["find_headroom", "keep_digits", "scale_by"]


def keep_digits(x: Column) -> Column:
    """Return integers of 32 and 64 bits unchanged; cast narrower integers, and booleans, to float32."""
    return x if x.type.is_integer and float_dtype(x.type) == "float64" else as_floats(x)


def find_headroom(type_: ColumnType, *statistics: Column) -> Column | None:
    """Compute `Headroom` for values of a type, or None for integers, whose differences fit float64.

    A factor of 1 costs nothing: `fold` removes it.
    """
    return apply(Headroom(type_.dtype), *statistics) if type_.is_float else None


def scale_by(x: Column, headroom: Column | None) -> Column:
    """Multiply by the headroom."""
    return x if headroom is None else x * headroom
