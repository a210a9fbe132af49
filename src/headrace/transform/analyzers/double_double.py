"""Double-double arithmetic: numbers as unevaluated sums of two float64, about 106 bits.

Sums are so close to the exact ones that, rounded to float64, they do not depend on the order of addition.
From T. J. Dekker, "A floating-point technique for extending the available precision", Numerische Mathematik
18 (1971), and D. E. Knuth, The Art of Computer Programming, volume 2, section 4.2.2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["DoubleDouble"]


class DoubleDouble(NamedTuple):
    """An array of numbers `high + low`, where `low` is at most half a unit in the last place of `high`."""

    high: np.ndarray
    low: np.ndarray

    def add(self, other: DoubleDouble) -> DoubleDouble:
        """Add another number; the sum is infinite beyond the range of float64."""
        total = self.high + other.high
        part = total - self.high
        error = (self.high - (total - part)) + (other.high - part) + self.low + other.low
        return _renormalize(total, error)

    def negate(self) -> DoubleDouble:
        """Change the sign."""
        return DoubleDouble(-self.high, -self.low)

    def multiply(self, other: DoubleDouble) -> DoubleDouble:
        """Multiply by another number."""
        first, error = _product(self.high, other.high)
        return _renormalize(first, error + self.high * other.low + self.low * other.high)

    def divide(self, other: DoubleDouble) -> DoubleDouble:
        """Divide by another number; the quotient is NaN where that is 0."""
        first = self.high / other.high
        rest = self.add(other.multiply(DoubleDouble(first, np.zeros_like(first))).negate())
        return _renormalize(first, rest.high / other.high)

    def scale(self, exponent: np.ndarray) -> DoubleDouble:
        """Multiply by 2**exponent."""
        return DoubleDouble(np.ldexp(self.high, exponent), np.ldexp(self.low, exponent))

    def to_float64(self) -> np.ndarray:
        """Round to the nearest float64."""
        return self.high + self.low


def _renormalize(high: np.ndarray, low: np.ndarray) -> DoubleDouble:
    total = high + low
    finite = np.isfinite(total)
    return DoubleDouble(np.where(finite, total, high), np.where(finite, low - (total - high), 0.0))


def _product(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute the rounded product and its rounding error."""
    product = x * y
    (x_top, x_rest), (y_top, y_rest) = _halves(x), _halves(y)
    low = ((x_top * y_top - product) + x_top * y_rest + x_rest * y_top) + x_rest * y_rest
    return product, np.where(np.isfinite(low), low, 0.0)


def _halves(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    cut = 134217729.0 * x  # 2**27 + 1
    top = cut - (cut - x)
    return top, x - top
