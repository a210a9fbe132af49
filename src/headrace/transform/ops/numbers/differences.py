"""Differences that lose no digits: of integers beyond 2**53, and of floats near the ends of their type."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp, broadcast

__all__ = ["Headroom", "IntegerDifference"]

_HALF = 2**32


@dataclass(frozen=True)
class IntegerDifference(ElementwiseOp):
    """x - y as float64, for integers x and integers or float64 y; a difference below 2**53 is exact.

    Each integer is high * 2**32 + low. The high parts are subtracted first: what float64 would lose of the
    integers is then still in the low parts. Nothing overflows, and every step is the same in all runtimes.
    """

    arity = (2, 2)

    pointwise = True

    def infer(self, *types: ColumnType) -> ColumnType:
        x, y = types
        if not x.is_integer or not (y.is_integer or y.dtype == "float64"):
            raise TraceError(f"{self.name} expects integers, got {x} and {y}", hint="subtract floats by -")
        return replace(
            broadcast(self.name, *(replace(each, dtype="int64") for each in types)), dtype="float64"
        )

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, y = arrays
        high, low = _split(xp, x)
        scale = xp.asarray(float(_HALF), dtype=xp.float64)
        if y.dtype == xp.float64:
            return (xp.astype(high, xp.float64) * scale - y) + xp.astype(low, xp.float64)
        other_high, other_low = _split(xp, y)
        return xp.astype(high - other_high, xp.float64) * scale + xp.astype(low - other_low, xp.float64)


def _split(xp: Any, x: Any) -> tuple[Any, Any]:
    """Split integers into int64 parts: x = high * 2**32 + low, with low in [0, 2**32)."""
    half = xp.asarray(_HALF, dtype=xp.int64)
    whole = xp.astype(x, xp.int64)  # numbers of uint64 beyond int64 become x - 2**64
    high = xp.floor_divide(whole, half)
    low = whole - high * half
    if x.dtype == xp.uint64:
        high = xp.where(high < xp.zeros((), dtype=xp.int64), high + half, high)
    return high, low


@dataclass(frozen=True)
class Headroom(ElementwiseOp):
    """0.5 where a difference from the statistics could overflow, 2**60 where it could underflow, else 1.

    Attributes:
        of: The type of the numbers, "float32" or "float64".
    """

    arity = (1, None)

    of: str

    def infer(self, *types: ColumnType) -> ColumnType:
        is_float = all(each.dtype == "float64" for each in types)
        if self.of not in ("float32", "float64") or not types or not is_float:
            what = f"{self.name} expects statistics of floats, got {' and '.join(map(str, types)) or 'none'}"
            raise TraceError(what, hint="cast them to float64")
        return replace(broadcast(self.name, *types), dtype="float64")

    def compute(self, xp: Any, *arrays: Any) -> Any:
        info = np.finfo(self.of)
        largest = 2.0 ** (info.maxexp - info.nmant - 5)  # the largest float plus a smaller number is finite
        smallest = 2.0 ** (info.minexp + 62)
        magnitude = xp.abs(arrays[0])
        for each in arrays[1:]:
            magnitude = xp.where(xp.abs(each) > magnitude, xp.abs(each), magnitude)
        half, one, many = (xp.asarray(number, dtype=xp.float64) for number in (0.5, 1.0, 2.0**60))
        is_tiny = (magnitude > xp.zeros((), dtype=xp.float64)) & (magnitude < smallest)
        return xp.where(magnitude > largest, half, xp.where(is_tiny, many, one))
