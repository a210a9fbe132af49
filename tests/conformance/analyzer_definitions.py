"""The definitions of statistics, in plain Python over whole columns."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import Ragged

__all__ = [
    "Column",
    "Weighted",
    "by_count",
    "counted",
    "counted_per_key",
    "cuts",
    "deviation",
    "frequent",
    "in_order",
    "in_rows",
    "information",
    "integers_by_count",
    "largest",
    "largest_integer",
    "leading",
    "mean",
    "over_values",
    "per_key",
    "per_place",
    "remainder",
    "scatter",
    "size",
    "skip_if_none",
    "smallest",
    "smallest_integer",
    "the_keys",
    "total",
    "totals",
    "tukey",
    "variance",
]


@dataclass(frozen=True)
class Column:
    """A whole column in plain Python, for definitions.

    Attributes:
        rows: The value of each row: a number, a string, or a list.
    """

    rows: list[Any]

    @classmethod
    def of(cls, value: Any) -> Column:
        if isinstance(value, Ragged):
            flat = cls.of(value.values).rows
            splits = np.asarray(value.row_splits).tolist()
            return cls([flat[i:j] for i, j in pairwise(splits)])
        return cls(value.to_pylist() if isinstance(value, pa.Array) else np.asarray(value).tolist())

    def flat(self, *others: Column) -> list[tuple[Any, ...]]:
        """Pair each value with the values of the other columns in its row, or in its place of a list."""
        found: list[tuple[Any, ...]] = []
        for row, *rest in zip(self.rows, *(other.rows for other in others), strict=True):
            for place, value in enumerate(row if isinstance(row, list) else [row]):
                found.append((value, *(each[place] if isinstance(each, list) else each for each in rest)))
        return found


Weighted = list[tuple[float, float]]


def weighted_values(x: Column, weights: Column | None = None) -> Weighted:
    """Return the values that are not missing, with their weights."""
    pairs = [(value, 1.0) for (value,) in x.flat()] if weights is None else x.flat(weights)
    return [(value, w) for value, w in pairs if not math.isnan(value) and 0 < w < math.inf]


def over_values(define: Callable[[Weighted], Any]) -> Callable[..., Any]:
    return lambda x, *weights: define(weighted_values(x, *weights))


def per_place(define: Callable[[Weighted], Any]) -> Callable[..., Any]:
    def each_place(x: Column, *weights: Column) -> Any:
        return [define(weighted_values(Column([row[i] for row in x.rows]), *weights)) for i in range(3)]

    return each_place


def per_key(define: Callable[..., Any]) -> Callable[..., Any]:
    """Apply the definition to the rows of each key, in the order of the keys."""

    def each_key(*columns: Column) -> Any:
        *values, key = columns
        pairs = values[0].flat(*values[1:], key) if isinstance(key.rows[:1], list) else []
        rows = list(zip(*(each.rows for each in columns), strict=True))
        if any(isinstance(row[-1], list) for row in rows):
            rows = pairs
        found = []
        for name in sorted({row[-1] for row in rows if row[-1]}, key=str.encode):
            mine = [row[:-1] for row in rows if row[-1] == name]
            found.append(define(*(Column(list(each)) for each in zip(*mine, strict=True))))
        return found

    return each_key


def skip_if_none(define: Callable[..., Any]) -> Callable[..., Any]:
    """Skip the comparison if the definition is None for one key."""

    def all_or_none(*columns: Column) -> Any:
        found = define(*columns)
        return None if None in found else found

    return all_or_none


def the_keys(*columns: Column) -> list[str]:
    return sorted({key for (key,) in columns[-1].flat() if key}, key=str.encode)


def total(pairs: Weighted) -> Any:
    return _exact(pairs, lambda finite: sum((w * x for x, w in finite), Fraction(0)), 0.0)


def mean(pairs: Weighted) -> Any:
    return _exact(pairs, _exact_mean, math.nan)


def variance(pairs: Weighted) -> Any:
    if any(math.isinf(x) for x, _ in pairs):
        return math.nan
    return _exact(pairs, _exact_variance, math.nan)


def _exact(
    pairs: Weighted, define: Callable[[list[tuple[Fraction, Fraction]]], Any], without_values: float
) -> Any:
    """Compute with exact fractions and round once; infinities are summed as in NumPy."""
    if not pairs:
        return without_values
    infinities = [x for x, _ in pairs if math.isinf(x)]
    if infinities:
        return sum(infinities)
    found = define([(Fraction(x), Fraction(w)) for x, w in pairs])
    try:
        return float(found)
    except OverflowError:
        return math.inf if found > 0 else -math.inf


def _exact_mean(pairs: list[tuple[Fraction, Fraction]]) -> Fraction:
    return sum((w * x for x, w in pairs), Fraction(0)) / sum(w for _, w in pairs)


def _exact_variance(pairs: list[tuple[Fraction, Fraction]]) -> Fraction:
    center = _exact_mean(pairs)
    return sum((w * (x - center) ** 2 for x, w in pairs), Fraction(0)) / sum(w for _, w in pairs)


def deviation(pairs: Weighted) -> Any:
    if any(math.isinf(x) for x, _ in pairs):
        return math.nan
    return _exact(pairs, lambda finite: _root(_exact_variance(finite)), math.nan)


def _root(number: Fraction) -> Fraction:
    """Compute a square root to 100 bits, also beyond the range of float64."""
    shift = 200 - 2 * (number.numerator.bit_length() - number.denominator.bit_length()) // 2
    shift += shift % 2
    scaled = number * Fraction(2) ** shift
    return Fraction(math.isqrt(int(scaled))) / Fraction(2) ** (shift // 2)


def remainder(pairs: Weighted) -> Any:
    """Define what a mean beyond 2**31 lacks as a float64."""
    exact = [(Fraction(x), Fraction(w)) for x, w in pairs]
    center = _exact_mean(exact) if exact else Fraction(0)
    return float(center - Fraction(float(center))) if abs(float(center)) > 2**31 else 0.0


def size(pairs: Weighted) -> Any:
    return math.fsum(w for _, w in pairs)


def smallest(pairs: Weighted) -> Any:
    return min((x for x, _ in pairs), default=math.nan)


def largest(pairs: Weighted) -> Any:
    return max((x for x, _ in pairs), default=math.nan)


def smallest_integer(pairs: Weighted) -> Any:
    return min((x for x, _ in pairs), default=0)


def largest_integer(pairs: Weighted) -> Any:
    return max((x for x, _ in pairs), default=0)


def cuts(parts: int) -> Callable[[Weighted], Any]:
    """Define quantile i as the smallest value with at least i / parts of the weight at or below it."""

    def define(pairs: Weighted) -> Any:
        if not pairs:
            return [math.nan] * (parts - 1)
        ordered = sorted(pairs)
        upto = np.cumsum([w for _, w in ordered])
        return [ordered[int(np.argmax(upto * parts >= i * upto[-1]))][0] for i in range(1, parts)]

    return define


def integers_by_count(x: Column) -> list[int]:
    counts = Counter(value for (value,) in x.flat())
    return sorted(counts, key=lambda value: (-counts[value], value))


def by_count(x: Column) -> Any:
    counts = Counter(value for (value,) in x.flat() if value)
    return sorted(counts, key=lambda value: (-counts[value], value.encode()))


def frequent(x: Column, least: int) -> Any:
    return [word for word in by_count(x) if totals(x)[word] >= least]


def totals(x: Column, weights: Column | None = None) -> dict[str, float]:
    """Count each string, or sum its weights, rounded once."""
    pairs = x.flat(weights) if weights else [(value, 1.0) for (value,) in x.flat()]
    sums: dict[str, Fraction] = {}
    for value, w in pairs:
        if value and 0 < w < math.inf:
            sums[value] = sums.get(value, Fraction(0)) + Fraction(w)
    return {value: float(each) for value, each in sums.items()}


def in_order(scores: dict[str, float]) -> list[str]:
    return sorted(scores, key=lambda value: (-scores[value], value.encode()))


def in_rows(x: Column) -> dict[str, int]:
    return Counter(value for row in x.rows for value in set(row if isinstance(row, list) else [row]) if value)


def information(x: Column, *others: Column) -> dict[str, float]:
    """Compute mutual information by its definition, including pairs near independence."""
    *weights, labels = others
    rows = [set(row if isinstance(row, list) else [row]) for row in x.rows]
    given = [w if 0 < w < math.inf else 0.0 for w in weights[0].rows] if weights else [1.0] * len(rows)
    n = math.fsum(given)
    found: dict[str, float] = {}
    for word in set().union(*rows) - {""} if rows else ():
        has = math.fsum(w for row, w in zip(rows, given, strict=True) if word in row)
        bits = 0.0
        for label in set(labels.rows):
            total = math.fsum(w for each, w in zip(labels.rows, given, strict=True) if each == label)
            both = math.fsum(
                w
                for row, each, w in zip(rows, labels.rows, given, strict=True)
                if each == label and word in row
            )
            both = min(max(both / has, 1e-6), 1 - 1e-6) * has if has else 0.0
            bits += both * math.log2(both * n / (has * total)) if both and total else 0.0
        if has:
            found[word] = 0.0 if round(has) >= round(n) else bits
    return found


def counted(edges: np.ndarray) -> Callable[..., Any]:
    def define(x: Column, _: Column, *weights: Column) -> Any:
        pairs = [(value, w) for value, w in weighted_values(x, *weights) if math.isfinite(value)]
        return np.histogram([value for value, _ in pairs], edges, weights=[w for _, w in pairs])[0]

    return define


def counted_per_key(edges: np.ndarray) -> Callable[..., Any]:
    one = per_key(lambda x: counted(edges)(x, x))
    return lambda x, _, key: one(x, key)


def scatter(x: Column, *weights: Column) -> np.ndarray:
    given = weights[0].rows if weights else [1.0] * len(x.rows)
    rows = [
        (row, w) for row, w in zip(x.rows, given, strict=True) if not np.isnan(row).any() and 0 < w < math.inf
    ]
    if not rows:
        return np.full((3, 3), np.nan)
    return np.cov(np.array([row for row, _ in rows]).T, ddof=0, aweights=[w for _, w in rows])


def leading(count: int) -> Callable[..., Any]:
    """Define the directions of the largest variances; None if two variances are nearly equal."""

    def define(x: Column, *weights: Column) -> Any:
        matrix = scatter(x, *weights)
        if not np.isfinite(matrix).all():
            return np.full((3, count), np.nan)
        directions, sizes, _ = np.linalg.svd(matrix)
        if np.min(-np.diff(sizes)) <= 1e-3 * sizes[0]:
            return None
        chosen = directions[:, :count]
        return chosen * np.sign(chosen[np.abs(chosen).argmax(axis=0), range(count)])

    return define


def tukey(field: int) -> Callable[..., Any]:
    """Fit the distribution to the L-moments of the sample by quadrature; None if a tail is too long."""
    return lambda pairs: _tukey_fit(tuple(sorted(pairs)))[field]


@cache
def _tukey_fit(pairs: tuple[tuple[float, float], ...]) -> tuple[Any, ...]:
    if not pairs or any(math.isinf(x) for x, _ in pairs):
        return (math.nan,) * 4
    first, second, third, fourth = legendre_moments(np.array([x for x, w in pairs for _ in range(round(w))]))
    if not second > 0:
        return first, 1.0, 0.0, 0.0
    short, long = _solved_tails(abs(third / second), fourth / second)
    if long > 0.97:
        return (None,) * 4
    left, right = (short, long) if third >= 0 else (long, short)
    mean, unit = (half_moments(right)[r] + (-1) ** (r + 1) * half_moments(left)[r] for r in (0, 1))
    return first - second / unit * mean, second / unit, left, right


def _solved_tails(skewness: float, kurtosis: float) -> tuple[float, float]:
    """Solve for the tails by nested bisection of numerical L-moments."""

    def ratios(short: float, long: float) -> tuple[float, float]:
        a, b = half_moments(short), half_moments(long)
        return (b[2] - a[2]) / (a[1] + b[1]), (a[3] + b[3]) / (a[1] + b[1])

    def where(rising: Callable[[float], float], low: float, high: float) -> float:
        for _ in range(45):
            middle = (low + high) / 2
            low, high = (middle, high) if rising(middle) < 0 else (low, middle)
        return (low + high) / 2

    if kurtosis <= ratios(0, 0)[1]:
        return 0.0, 0.0
    if kurtosis >= ratios(0, 0.98)[1]:
        return 0.0, 1.0
    same = where(lambda h: ratios(h, h)[1] - kurtosis, 0, 0.99)

    def other(short: float) -> float:
        return where(lambda h: ratios(short, h)[1] - kurtosis, same, 0.99)

    short = where(lambda h: skewness - ratios(h, other(h))[0], 0, same)
    return short, other(short)


NODES, WEIGHTS_OF_NODES = np.polynomial.legendre.leggauss(300)


def half_moments(h: float) -> np.ndarray:
    """Integrate z * exp(h * z**2 / 2) times Legendre polynomials of 2 * Phi(z) - 1 over z > 0."""
    reach = 5 / math.sqrt(1 - h)
    z = (NODES + 1) * reach
    u = np.array([math.erf(each / math.sqrt(2)) for each in z])
    density = z * np.exp((h - 1) * z * z / 2) / math.sqrt(2 * math.pi) * WEIGHTS_OF_NODES * reach
    polynomials = np.polynomial.legendre.legvander(u, 3)
    return density @ polynomials


def legendre_moments(x: np.ndarray) -> list[float]:
    """Compute Hosking's sample L-moments with binomial coefficients, as in his paper."""
    n = len(x)
    weights = [[math.comb(i, r) / math.comb(n - 1, r) if n > r else 0.0 for i in range(n)] for r in range(4)]
    b0, b1, b2, b3 = (math.fsum(w * v for w, v in zip(each, x, strict=True)) / n for each in weights)
    second = 2 * b1 - b0 if n > 1 else 0.0
    if n < 4:
        return [b0, second, 0.0, 0.0]
    return [b0, second, 6 * b2 - 6 * b1 + b0, 20 * b3 - 30 * b2 + 12 * b1 - b0]
