"""What every analyzer is tested on, keyed by its name: parameters, columns, and its plain definition.

An analyzer without cases here fails the suite.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import ColumnType, Ragged
from headrace.transform.analyzer import Analyzer
from headrace.transform.analyzers.extrema import ExtremaAccumulator, Max, Min
from headrace.transform.analyzers.keyed import Keys, PerKey
from headrace.transform.analyzers.moments import (
    Mean,
    MomentsAccumulator,
    Size,
    StandardDeviation,
    Sum,
    Variance,
)
from headrace.transform.analyzers.quantiles import Quantiles
from headrace.transform.analyzers.vocabulary import Vocabulary

__all__ = ["CASES", "AnalyzerCase", "Column"]

DOUBLE = ColumnType("float64")
FLOAT = ColumnType("float32")
INTEGER = ColumnType("int32")
ROWS = ColumnType("float64", (3,))
LISTS = ColumnType("float32", ragged=True)
TEXT = ColumnType("string")
TEXTS = ColumnType("string", ragged=True)
WEIGHTS = ColumnType("float64")


@dataclass(frozen=True, eq=False)
class AnalyzerCase:
    """An analyzer, what it is given, and what it shall find.

    Attributes:
        analyzer: The analyzer with its parameters.
        types: The columns' types.
        define: The statistic by its definition, from whole columns (see `Column`).
        rtol: How far numbers may be from the definition's, relatively.
        split_rtol: How far they may be from one another for other splits of the rows; 0 is to the last bit.
    """

    analyzer: Analyzer
    types: tuple[ColumnType, ...]
    define: Callable[..., Any]
    rtol: float = 0.0
    split_rtol: float = 0.0

    def __str__(self) -> str:
        return f"{self.analyzer}({', '.join(map(str, self.types))})"


@dataclass(frozen=True)
class Column:
    """A whole column as plain Python, for definitions.

    Attributes:
        rows: What each row holds: a number or a string, or a list of them.
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
        """Each value with what the other columns have in its row (or in its place, if they are lists)."""
        found: list[tuple[Any, ...]] = []
        for row, *rest in zip(self.rows, *(other.rows for other in others), strict=True):
            for place, value in enumerate(row if isinstance(row, list) else [row]):
                found.append((value, *(each[place] if isinstance(each, list) else each for each in rest)))
        return found


Weighted = list[tuple[float, float]]


def weighted_values(x: Column, weights: Column | None = None) -> Weighted:
    """Values that are there, each with its weight."""
    pairs = [(value, 1.0) for (value,) in x.flat()] if weights is None else x.flat(weights)
    return [(value, w) for value, w in pairs if not math.isnan(value) and 0 < w < math.inf]


def of_values(define: Callable[[Weighted], Any]) -> Callable[..., Any]:
    return lambda x, *weights: define(weighted_values(x, *weights))


def of_places(define: Callable[[Weighted], Any]) -> Callable[..., Any]:
    def each_place(x: Column, *weights: Column) -> Any:
        return [define(weighted_values(Column([row[i] for row in x.rows]), *weights)) for i in range(3)]

    return each_place


def of_keys(define: Callable[..., Any]) -> Callable[..., Any]:
    """The definition for the rows of each key, in the order of the keys."""

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


def _exact(pairs: Weighted, define: Callable[[list[tuple[Fraction, Fraction]]], Any], of_none: float) -> Any:
    """With exact fractions, rounded once; infinities as NumPy has them."""
    if not pairs:
        return of_none
    infinities = [x for x, _ in pairs if math.isinf(x)]
    if infinities:
        return sum(infinities)
    return float(define([(Fraction(x), Fraction(w)) for x, w in pairs]))


def _exact_mean(pairs: list[tuple[Fraction, Fraction]]) -> Fraction:
    return sum((w * x for x, w in pairs), Fraction(0)) / sum(w for _, w in pairs)


def _exact_variance(pairs: list[tuple[Fraction, Fraction]]) -> Fraction:
    center = _exact_mean(pairs)
    return sum((w * (x - center) ** 2 for x, w in pairs), Fraction(0)) / sum(w for _, w in pairs)


def deviation(pairs: Weighted) -> Any:
    return math.sqrt(variance(pairs))


def size(pairs: Weighted) -> Any:
    return math.fsum(w for _, w in pairs)


def smallest(pairs: Weighted) -> Any:
    return min((x for x, _ in pairs), default=math.nan)


def largest(pairs: Weighted) -> Any:
    return max((x for x, _ in pairs), default=math.nan)


def cuts(parts: int) -> Callable[[Weighted], Any]:
    """Cut i is the smallest value with at least i / parts of the weight at or below it."""

    def define(pairs: Weighted) -> Any:
        if not pairs:
            return [math.nan] * (parts - 1)
        ordered = sorted(pairs)
        upto = np.cumsum([w for _, w in ordered])
        return [ordered[int(np.argmax(upto * parts >= i * upto[-1]))][0] for i in range(1, parts)]

    return define


def by_count(x: Column) -> Any:
    counts = Counter(value for (value,) in x.flat() if value)
    return sorted(counts, key=lambda value: (-counts[value], value.encode()))


EXACT = {Sum: total, Mean: mean, Size: size, Min: smallest, Max: largest}
NEARLY = {Variance: variance, StandardDeviation: deviation}


def of_numbers(kind: Any, define: Callable[[Weighted], Any], rtol: float) -> list[AnalyzerCase]:
    plain = [
        AnalyzerCase(kind(), (type_,), of_values(define), rtol)
        for type_ in (DOUBLE, FLOAT, INTEGER, LISTS, ROWS)
    ]
    return [
        *plain,
        AnalyzerCase(kind(reduce_instance_dims=False), (ROWS,), of_places(define), rtol),
        AnalyzerCase(kind(weighted=True), (DOUBLE, WEIGHTS), of_values(define), max(rtol, 1e-15)),
        AnalyzerCase(kind(weighted=True), (LISTS, WEIGHTS), of_values(define), max(rtol, 1e-15)),
        AnalyzerCase(kind(weighted=True), (LISTS, LISTS), of_values(define), max(rtol, 1e-15)),
        AnalyzerCase(kind(False, weighted=True), (ROWS, WEIGHTS), of_places(define), max(rtol, 1e-15)),
    ]  # fmt: skip


CASES: dict[str, list[AnalyzerCase]] = {
    **{kind.name: of_numbers(kind, define, 0.0) for kind, define in EXACT.items()},
    **{kind.name: of_numbers(kind, define, 1e-13) for kind, define in NEARLY.items()},
    "quantiles": [
        AnalyzerCase(Quantiles(4), (DOUBLE,), of_values(cuts(4))),
        AnalyzerCase(Quantiles(7), (LISTS,), of_values(cuts(7))),
        AnalyzerCase(Quantiles(2), (ROWS,), of_values(cuts(2))),
    ],
    "vocabulary": [
        AnalyzerCase(Vocabulary(), (TEXT,), by_count),
        AnalyzerCase(Vocabulary(top_k=3), (TEXTS,), lambda x: by_count(x)[:3]),
    ],
    "keys": [
        AnalyzerCase(Keys(MomentsAccumulator()), (DOUBLE, TEXT), the_keys),
        AnalyzerCase(Keys(ExtremaAccumulator()), (LISTS, TEXTS), the_keys),
    ],
    "per_key": [
        AnalyzerCase(PerKey(Mean()), (DOUBLE, TEXT), of_keys(of_values(mean))),
        AnalyzerCase(PerKey(Mean()), (LISTS, TEXT), of_keys(of_values(mean))),
        AnalyzerCase(PerKey(Mean()), (LISTS, TEXTS), of_keys(of_values(mean))),
        AnalyzerCase(PerKey(Sum(False)), (ROWS, TEXT), of_keys(of_places(total))),
        AnalyzerCase(
            PerKey(Variance(weighted=True)), (DOUBLE, WEIGHTS, TEXT), of_keys(of_values(variance)), 1e-13
        ),
        AnalyzerCase(PerKey(Max()), (INTEGER, TEXT), of_keys(of_values(largest))),
        AnalyzerCase(PerKey(Quantiles(4)), (DOUBLE, TEXT), of_keys(of_values(cuts(4)))),
    ],
}
