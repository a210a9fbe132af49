"""Sine and cosine, and the place of a number in a cycle.

The functions of libraries differ between runtimes, in float64 by a thousand units in the last place. So they
are computed here by additions and multiplications of float64, which all runtimes round alike: the angle is
reduced to a quarter of a turn, and the polynomials are those of fdlibm (Sun Microsystems, `k_sin.c` and
`k_cos.c`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from headrace.arguments import check_number
from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.composite import composite
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.ops.numbers.portable_math import portable_where
from headrace.transform.ops.numbers.shape import concatenate
from headrace.transform.tracing.column import Column, apply, as_floats

__all__ = ["cos", "cycle", "sin"]

_LARGEST = 2.0**29  # of an angle; the products below are exact up to here
# pi / 2 in parts of 24 bits and a rest (Cody and Waite): products with integers up to 2**29 are exact.
_HALF_PI = tuple(
    map(float.fromhex, (
        "0x1.921fb4p+0", "0x1.4442d0p-24", "0x1.846988p-48", "0x1.8cc516p-72", "0x1.01b839a25204ap-96",
    ))
)  # fmt: skip
_SINE = (
    *(-1.66666666666666324348e-01, 8.33333333332248946124e-03, -1.98412698298579493134e-04),
    *(2.75573137070700676789e-06, -2.50507602534068634195e-08, 1.58969099521155010221e-10),
)
_COSINE = (
    *(4.16666666666666019037e-02, -1.38888888888741095749e-03, 2.48015872894767294178e-05),
    *(-2.75573143513906633035e-07, 2.08757232129817482790e-09, -1.13596475577881948265e-11),
)


class _Wave(ElementwiseOp, abstract=True):
    arity = (1, 1)
    pointwise = True

    def infer(self, *types: ColumnType) -> ColumnType:
        if not types[0].is_float:
            raise TraceError(f"{self.name} expects floats, got {types[0]}", hint="cast it first")
        return types[0]


@dataclass(frozen=True)
class Sin(_Wave):
    """Sine of an angle in radians, identical in all runtimes; NaN beyond 2**29."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return _wave_of_angle(xp, arrays[0], 0)


@dataclass(frozen=True)
class Cos(_Wave):
    """Cosine of an angle in radians, identical in all runtimes; NaN beyond 2**29."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return _wave_of_angle(xp, arrays[0], 1)


@dataclass(frozen=True)
class CycleWave(_Wave):
    """Sine of 2 pi x / period, a number of quarters of a turn ahead (1 is the cosine).

    Attributes:
        period: The length of the cycle.
        quarters: The number of quarters.
    """

    period: float
    quarters: int = 0

    def infer(self, *types: ColumnType) -> ColumnType:
        if not 0 < self.period < math.inf:
            hint = "such as 24 for hours"
            raise TraceError(f"expected a period above 0, got {self.period}", hint=hint)
        return super().infer(*types)

    def compute(self, xp: Any, *arrays: Any) -> Any:
        (x,) = arrays
        wide = xp.astype(x, xp.float64)
        period = xp.asarray(self.period, dtype=xp.float64)
        turns = (wide - period * xp.floor(wide / period)) / period
        quarters = turns * 4.0
        whole = xp.round(quarters)
        return xp.astype(_wave(xp, (quarters - whole) * (math.pi / 2), whole + float(self.quarters)), x.dtype)


def _wave_of_angle(xp: Any, x: Any, quarters: int) -> Any:
    wide = xp.astype(x, xp.float64)
    limit = xp.asarray(_LARGEST, dtype=xp.float64)
    wide = xp.where(xp.abs(wide) <= limit, wide, xp.asarray(float("nan"), dtype=xp.float64))
    whole = xp.round(wide * (2 / math.pi))
    rest = wide
    for part in _HALF_PI:
        rest = rest - whole * part
    return xp.astype(_wave(xp, rest, whole + float(quarters)), x.dtype)


def _wave(xp: Any, rest: Any, quarters: Any) -> Any:
    """Compute the sine of an angle: a rest of at most pi / 4, and quarters of a turn."""
    square = rest * rest
    sine = rest + rest * square * _polynomial(square, _SINE)
    half = square * 0.5
    near = 1.0 - half
    cosine = near + ((1.0 - near) - half + square * square * _polynomial(square, _COSINE))
    place = quarters - 4.0 * xp.floor(quarters * 0.25)
    is_cosine = (place == 1.0) | (place == 3.0)
    value = portable_where(xp, is_cosine, cosine, sine)
    return portable_where(xp, place >= 2.0, -value, value)


def _polynomial(x: Any, coefficients: tuple[float, ...]) -> Any:
    *others, value = coefficients
    for each in reversed(others):
        value = each + x * value
    return value


def sin(x: Column) -> Column:
    """Compute the sine of each angle of x in radians; integers are cast to floats.

    The result is the same in all runtimes, within 2 units in the last place; NaN for angles beyond 2**29, of
    which float32 does not hold the fraction of a turn. For cycles such as hours, see `cycle`.
    """
    return apply(Sin(), as_floats(x))


def cos(x: Column) -> Column:
    """Compute the cosine of each angle of x in radians; integers are cast to floats. See `sin`."""
    return apply(Cos(), as_floats(x))


@composite
def cycle(x: Column, period: float) -> Column:
    """Place each number of x on a circle: sine and cosine of 2 pi x / period, float32 [2].

    The ends of the cycle meet: hour 23 is as near to hour 0 as hour 1 is.

    Args:
        x: A column of numbers, one per row, such as `date_part(x["sold"], "hour")`; NaN stays NaN.
        period: The length of the cycle, such as 24 for hours, 7 for weekdays, 12 for months.

    Raises:
        TraceError: `x` does not hold one number per row, or `period` is not above 0.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> batch = pa.record_batch({"hour": [0, 6, 12, 18]})
        >>> t = hr.transform.analyze(lambda x: {"hour": hr.transform.cycle(x["hour"], 24)}, [batch])
        >>> t(batch)["hour"].to_pylist()
        [[0.0, 1.0], [1.0, 0.0], [0.0, -1.0], [-1.0, 0.0]]
    """
    period = check_number(period, "period", above=0)
    if x.type.shape or x.type.ragged:
        hint = "place each number by itself, and concatenate the results"
        raise TraceError(f"cycle expects one number per row, got {x.type}", hint=hint)
    floats = as_floats(x)
    return concatenate([apply(CycleWave(period, quarters), floats) for quarters in (0, 1)])
