"""Roots of many increasing functions at once, by Chandrupatla's method.

Chandrupatla, "A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear function
without using derivatives", Advances in Engineering Software 28 (1997), doi:10.1016/S0965-9978(96)00051-8. It
takes the step of inverse quadratic interpolation where that is safe, and else halves the interval.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["find_roots"]

_MOST_STEPS = 200
_PRECISION = 2 * float(np.finfo(np.float64).eps)  # of a root, relative
_SMALLEST = float(np.finfo(np.float64).tiny)

# Takes points and the numbers of their functions; returns the functions' values.
Functions = Callable[[np.ndarray, np.ndarray], np.ndarray]


def find_roots(functions: Functions, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Find the roots of increasing functions in intervals; the end of an interval if a root is outside.

    Args:
        functions: Evaluates functions, given points and the numbers of the functions, both [points].
        low: The lower ends of the intervals, float64 [functions].
        high: The upper ends.
    """
    everything = np.arange(len(low))
    at_low, at_high = functions(low, everything), functions(high, everything)
    roots = np.where(at_low >= 0, low, high)
    active = np.flatnonzero((at_low < 0) & (at_high > 0))
    a, b, fa, fb = low[active], high[active], at_low[active], at_high[active]
    step = np.full(len(active), 0.5)
    for _ in range(_MOST_STEPS):
        if not len(active):
            break
        point = a + step * (b - a)
        value = functions(point, active)
        same_side = (value < 0) == (fa < 0)
        c, fc = np.where(same_side, a, b), np.where(same_side, fa, fb)
        b, fb = np.where(same_side, b, a), np.where(same_side, fb, fa)
        a, fa = point, value
        nearer = np.abs(fa) < np.abs(fb)
        best = np.where(nearer, a, b)
        limit = (_PRECISION * np.abs(best) + _SMALLEST) / np.abs(b - a)
        ended = (limit > 0.5) | (value == 0)
        roots[active[ended]] = np.where(value == 0, point, best)[ended]
        step = np.clip(_choose_steps(a, b, c, fa, fb, fc), limit, 1 - limit)
        left = ~ended
        active, step = active[left], step[left]
        a, b, fa, fb, best = a[left], b[left], fa[left], fb[left], best[left]
        roots[active] = best
    return roots


def _choose_steps(
    a: np.ndarray, b: np.ndarray, c: np.ndarray, fa: np.ndarray, fb: np.ndarray, fc: np.ndarray
) -> np.ndarray:
    """Choose how far to go from a to b: by inverse quadratic interpolation where it is safe, else half."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        quadratic = fa / (fb - fa) * (fc / (fb - fc)) + (c - a) / (b - a) * (fa / (fc - fa)) * (
            fb / (fc - fb)
        )
        is_safe = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi) & np.isfinite(quadratic)
    return np.where(is_safe, quadratic, 0.5)
