"""Casts between types of numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.tracing.column import Column, cast_to

__all__ = ["cast"]

_DTYPES = ("bool", *(f"{u}int{bits}" for u in ("", "u") for bits in (8, 16, 32, 64)), "float32", "float64")


@dataclass(frozen=True)
class Cast(ElementwiseOp):
    """Conversion to another type of number.

    A float becomes an integer by truncation towards zero; NaN becomes 0, and values out of range become the
    nearest value of the type. IEEE 754 and C++ leave these cases undefined, and runtimes differ, so the rule
    is part of the op.
    """

    arity = (1, 1)

    pointwise = True
    takes_any_size = True
    dtype: str

    def infer(self, *types: ColumnType) -> ColumnType:
        if self.dtype not in _DTYPES:
            raise TraceError(f"unknown dtype '{self.dtype}'", hint=f"choose one of {', '.join(_DTYPES)}")
        if types[0].is_string:
            raise TraceError("cannot cast strings to numbers", hint="look them up in a vocabulary")
        return replace(types[0], dtype=self.dtype)

    def compute(self, xp: Any, *arrays: Any) -> Any:
        (x,) = arrays
        if self.dtype == "bool":
            return x != xp.zeros((), dtype=x.dtype) if x.dtype != xp.bool else x
        if self.dtype.startswith(("int", "uint")) and xp.isdtype(x.dtype, "real floating"):
            low, high = _limits(self.dtype, "float32" if x.dtype == xp.float32 else "float64")
            x = xp.where(xp.isnan(x), xp.zeros((), dtype=x.dtype), x)
            x = xp.clip(x, xp.asarray(low, dtype=x.dtype), xp.asarray(high, dtype=x.dtype))
        return xp.astype(x, getattr(xp, self.dtype))


def _limits(integer: str, floating: str) -> tuple[float, float]:
    """Return the smallest and largest floats that fit an integer type."""
    info, kind = np.iinfo(integer), np.dtype(floating).type
    high = kind(info.max)
    return float(kind(info.min)), float(high if int(high) <= info.max else np.nextafter(high, kind(0)))


def cast(x: Column, dtype: str) -> Column:
    """Convert each value of x to `dtype`, such as "float32", "int64" or "bool".

    Floats are truncated towards zero; NaN becomes 0; values out of range become the nearest integer of the
    type. A number becomes True unless it is 0.

    Raises:
        TraceError: `dtype` is unknown, or `x` holds strings.
    """
    return cast_to(x, dtype)
