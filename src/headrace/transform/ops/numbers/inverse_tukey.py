"""Heavy tails pulled in until they are a Gaussian's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.composite import composite
from headrace.transform.graph.op import ElementwiseOp, broadcast
from headrace.transform.ops.numbers.portable_math import portable_where
from headrace.transform.tracing.column import Column, align, apply, as_floats, cast_to

__all__ = ["inverse_tukey"]

_ROUNDS = 5  # each squares the error; from log1p(v) five reach float64's last bits for every v


@dataclass(frozen=True)
class InverseTukey(ElementwiseOp):
    """The z with z * exp(h * z**2 / 2) = x, where h is `left` below 0 and `right` above.

    z = x * sqrt(W(v) / v) with v = h * x**2, where W(v) * exp(W(v)) = v is Lambert's function, found by
    w := w / (1 + w) * (1 + log(v / w)) (Iacono and Boyd, "New approximations to the principal real-valued
    branch of the Lambert W-function", 2017). In float64: runtimes differ by 8 units in the last place.
    """

    def infer(self, *types: ColumnType) -> ColumnType:
        if any(each.dtype != "float64" for each in types):
            raise TraceError(f"inverse_tukey of {' and '.join(map(str, types))}", hint="cast to float64")
        return broadcast(self.name, *types)

    def compute(self, xp: Any, *arrays: Any) -> Any:
        x, left, right = arrays
        zero, one = xp.zeros((), dtype=x.dtype), xp.ones((), dtype=x.dtype)
        infinite = xp.isinf(x)
        small = xp.abs(x) < 1e150  # beyond that its square is none; so large a number has no use
        near = portable_where(xp, small, x, xp.where(x > zero, one, -one) * 1e150)
        v = portable_where(xp, x < zero, left, right) * near * near
        heavy = v > 1e-30
        v = portable_where(xp, heavy, v, one)
        w = xp.log1p(v)
        for _ in range(_ROUNDS):
            w = w / (one + w) * (one + xp.log(v / w))
        z = portable_where(xp, heavy, near * xp.sqrt(w / v), near)
        return portable_where(xp, infinite | xp.isnan(x), x, z)


@composite
def inverse_tukey(x: Column, left: Column, right: Column) -> Column:
    """The z with z * exp(h * z**2 / 2) = x, where h >= 0 is `left` below 0 and `right` above; 0 leaves x.

    It is worked out in float64, and given in the column's type.
    """
    x = as_floats(x)
    parts = (cast_to(each, "float64") for each in (x, left, right))
    return cast_to(apply(InverseTukey(), *align(*parts)), x.type.dtype)
