"""Numbers in another type."""

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
    """Numbers in another type.

    From a float to an integer: towards zero; NaN gives 0, and what is too large the type's largest value.
    These are left open by IEEE 754 and C++, and runtimes differ, so the rule is part of the op.
    """

    pointwise = True
    dtype: str

    def infer(self, *types: ColumnType) -> ColumnType:
        if self.dtype not in _DTYPES:
            raise TraceError(f"there is no type '{self.dtype}'", hint=f"choose among {', '.join(_DTYPES)}")
        if types[0].is_string:
            raise TraceError("strings cannot be cast to numbers", hint="look them up in a vocabulary")
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
    """The smallest and largest floats that an integer type holds."""
    info, kind = np.iinfo(integer), np.dtype(floating).type
    high = kind(info.max)
    return float(kind(info.min)), float(high if int(high) <= info.max else np.nextafter(high, kind(0)))


def cast(x: Column, dtype: str) -> Column:
    """Each value as `dtype` ("float32", "int64", "bool", ...); see `Cast` for floats beyond all integers."""
    return cast_to(x, dtype)
