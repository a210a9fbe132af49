"""The cases of every analyzer, by its name: parameters, columns, and the definition of the statistic.

An analyzer without cases fails the suite.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.transform.analyzers.covariance import Covariance, Pca
from headrace.transform.analyzers.extrema import (
    ExtremaAccumulator,
    IntegerMax,
    IntegerMin,
    Max,
    Min,
)
from headrace.transform.analyzers.frequencies import Frequencies
from headrace.transform.analyzers.histogram import Histogram
from headrace.transform.analyzers.integer_vocabulary import IntegerVocabulary
from headrace.transform.analyzers.moments import (
    Mean,
    MeanRemainder,
    MomentsAccumulator,
    Size,
    StandardDeviation,
    Sum,
    Variance,
)
from headrace.transform.analyzers.mutual_information import MutualInformation
from headrace.transform.analyzers.per_key import Keys, PerKey
from headrace.transform.analyzers.quantiles import Quantiles
from headrace.transform.analyzers.scoring import Scoring
from headrace.transform.analyzers.tukey import TukeyLeft, TukeyLocation, TukeyRight, TukeyScale
from headrace.transform.analyzers.vocabulary import Vocabulary
from headrace.transform.graph.analyzer import Analyzer

from .analyzer_definitions import (
    Weighted,
    by_count,
    counted,
    counted_per_key,
    cuts,
    deviation,
    frequent,
    in_order,
    in_rows,
    information,
    integers_by_count,
    largest,
    largest_integer,
    leading,
    mean,
    over_values,
    per_key,
    per_place,
    remainder,
    scatter,
    size,
    skip_if_none,
    smallest,
    smallest_integer,
    the_keys,
    total,
    totals,
    tukey,
    variance,
)

__all__ = ["CASES", "AnalyzerCase"]

DOUBLE = ColumnType("float64")
FLOAT = ColumnType("float32")
INTEGER = ColumnType("int32")
ROWS = ColumnType("float64", (3,))
LONG = ColumnType("int64")
UNSIGNED = ColumnType("uint64")
LONG_ROWS = ColumnType("int64", (3,))
LONG_LISTS = ColumnType("int64", ragged=True)
LISTS = ColumnType("float32", ragged=True)
TEXT = ColumnType("string")
TEXTS = ColumnType("string", ragged=True)
WEIGHTS = ColumnType("float64")
LABELS = ColumnType("int8")
ROUNDED = {DOUBLE, FLOAT, LISTS, ROWS, LONG, UNSIGNED, LONG_LISTS}  # types whose sums may be rounded


@dataclass(frozen=True, eq=False)
class AnalyzerCase:
    """An analyzer, its columns, and the expected statistic.

    Attributes:
        analyzer: The analyzer with its parameters.
        types: The types of the columns; an array is one value for all rows.
        define: Computes the statistic by its definition, from whole columns (see `Column`).
        rtol: The allowed relative error.
        split_rtol: The allowed relative difference between splits of the rows; 0 requires identical bits.
        atol: The absolute tolerance of both.
        finite: The columns do not contain infinities.
        extreme: Floats may be near the ends of their type.
        same_bytes: States are identical, too, for all splits of the rows. States with sums of floats are not:
            they have twice the precision of float64 so that results are identical.
    """

    analyzer: Analyzer
    types: tuple[ColumnType | np.ndarray, ...]
    define: Callable[..., Any]
    rtol: float = 0.0
    split_rtol: float = 0.0
    atol: float = 0.0
    finite: bool = False
    extreme: bool = False
    same_bytes: bool = True

    def __str__(self) -> str:
        return f"{self.analyzer}({', '.join(map(str, self.types))})"


EXACT = {Sum: total, Mean: mean, Size: size, Min: smallest, Max: largest}
NEARLY = {Variance: variance, StandardDeviation: deviation}


def numeric_cases(kind: Any, define: Callable[[Weighted], Any], rtol: float) -> list[AnalyzerCase]:
    plain = [
        AnalyzerCase(kind(), (type_,), over_values(define), rtol)
        for type_ in (DOUBLE, FLOAT, INTEGER, LISTS, ROWS, LONG, UNSIGNED, LONG_LISTS)
    ]
    cases = [
        *plain,
        AnalyzerCase(kind(), (DOUBLE,), over_values(define), max(rtol, 1e-15), 1e-14, 1e-323, extreme=True),
        AnalyzerCase(kind(reduce_instance_dims=False), (ROWS,), per_place(define), rtol),
        AnalyzerCase(kind(weighted=True), (DOUBLE, WEIGHTS), over_values(define), max(rtol, 1e-15)),
        AnalyzerCase(kind(weighted=True), (LISTS, WEIGHTS), over_values(define), max(rtol, 1e-15)),
        AnalyzerCase(kind(weighted=True), (LISTS, LISTS), over_values(define), max(rtol, 1e-15)),
        AnalyzerCase(kind(False, weighted=True), (ROWS, WEIGHTS), per_place(define), max(rtol, 1e-15)),
    ]  # fmt: skip
    exact = kind in (Min, Max)
    return [replace(case, same_bytes=exact or not ROUNDED & {*case.types}) for case in cases]


def along_rows(kind: Any, define: Callable[[Weighted], Any], rtol: float) -> AnalyzerCase:
    return AnalyzerCase(
        kind((-1,)), (ROWS,), lambda x: [over_values(define)(x)], rtol, same_bytes=kind in (Min, Max)
    )


FEW_EDGES = np.array([-3.0, 0.0, 500.0])
EDGES = np.array([-np.inf, -1.0, 0.0, 1.0, 1e6])
INFORMED = Scoring(information=MutualInformation(min_diff=0))
INFORMED_WEIGHTED = Scoring(True, MutualInformation(min_diff=0))
ANY = -np.inf
COUNTED = Vocabulary()
BY_WEIGHT = Vocabulary(frequency_threshold=0, scoring=Scoring(weighted=True))
BY_INFORMATION = Vocabulary(frequency_threshold=ANY, scoring=INFORMED)
IN_ROWS = Vocabulary(scoring=Scoring(in_rows=True))


def frequencies(find: Callable[..., dict[str, Any]], order: Callable[..., list[str]]) -> Callable[..., Any]:
    return lambda *columns: [find(*columns)[word] for word in order(*columns)]


CASES: dict[str, list[AnalyzerCase]] = {
    **{kind.name: numeric_cases(kind, define, 0.0) for kind, define in EXACT.items()},
    **{kind.name: numeric_cases(kind, define, 1e-13) for kind, define in NEARLY.items()},
    "mean": [*numeric_cases(Mean, mean, 0.0), along_rows(Mean, mean, 0.0)],
    "var": [*numeric_cases(Variance, variance, 1e-13), along_rows(Variance, variance, 1e-13)],
    "mean_remainder": [
        AnalyzerCase(MeanRemainder(), (INTEGER,), over_values(remainder), 1e-9, 1e-9),
        *(
            AnalyzerCase(MeanRemainder(), (type_,), over_values(remainder), 1e-9, 1e-9, same_bytes=False)
            for type_ in (LONG, UNSIGNED, LONG_LISTS)
        ),
    ],
    **{
        kind.name: [
            *(AnalyzerCase(kind(), (type_,), over_values(define)) for type_ in (INTEGER, LONG, LONG_LISTS)),
            AnalyzerCase(kind(unsigned=True), (UNSIGNED,), over_values(define)),
            AnalyzerCase(kind(False), (LONG_ROWS,), per_place(define)),
        ]
        for kind, define in ((IntegerMin, smallest_integer), (IntegerMax, largest_integer))
    },
    "quantiles": [
        AnalyzerCase(Quantiles(4), (DOUBLE,), over_values(cuts(4))),
        AnalyzerCase(Quantiles(7), (LISTS,), over_values(cuts(7))),
        AnalyzerCase(Quantiles(2), (ROWS,), over_values(cuts(2))),
        AnalyzerCase(Quantiles(9), (INTEGER,), over_values(cuts(9))),
        AnalyzerCase(Quantiles(4, weighted=True), (DOUBLE, WEIGHTS), over_values(cuts(4))),
        AnalyzerCase(Quantiles(5, weighted=True), (LISTS, WEIGHTS), over_values(cuts(5))),
        AnalyzerCase(Quantiles(3, weighted=True), (LISTS, LISTS), over_values(cuts(3))),
    ],
    "vocabulary": [
        AnalyzerCase(Vocabulary(), (TEXT,), by_count),
        AnalyzerCase(Vocabulary(top_k=3), (TEXTS,), lambda x: by_count(x)[:3]),
        AnalyzerCase(
            Vocabulary(excluded_tokens=("a", "ä")),
            (TEXTS,),
            lambda x: [word for word in by_count(x) if word not in ("a", "ä")],
        ),
        AnalyzerCase(Vocabulary(order="value"), (TEXTS,), lambda x: sorted(by_count(x), key=str.encode)),
        AnalyzerCase(
            Vocabulary(order="fingerprint"),
            (TEXTS,),
            lambda x: sorted(by_count(x), key=lambda word: hashlib.sha1(word.encode()).digest()),
        ),
        AnalyzerCase(
            Vocabulary(reserved_tokens=("[PAD]", "b"), top_k=4),
            (TEXT,),
            lambda x: ["[PAD]", "b", *[word for word in by_count(x) if word != "b"][:2]],
        ),
        AnalyzerCase(BY_WEIGHT, (TEXT, WEIGHTS), lambda *all: in_order(totals(*all)), same_bytes=False),
        AnalyzerCase(BY_WEIGHT, (TEXTS, WEIGHTS), lambda *all: in_order(totals(*all)), same_bytes=False),
        AnalyzerCase(BY_WEIGHT, (TEXTS, LISTS), lambda *all: in_order(totals(*all)), same_bytes=False),
        AnalyzerCase(Vocabulary(scoring=Scoring(capacity=100)), (TEXTS,), by_count),
        AnalyzerCase(Vocabulary(frequency_threshold=4), (TEXTS,), lambda x: frequent(x, 4)),
        AnalyzerCase(
            replace(BY_WEIGHT, frequency_threshold=500.5, top_k=2),
            (TEXT, INTEGER),
            lambda *all: [word for word in in_order(totals(*all)) if totals(*all)[word] >= 500.5][:2],
        ),
    ],
    "frequencies": [
        AnalyzerCase(
            Frequencies(Vocabulary(order="value")),
            (TEXTS,),
            lambda x: [each for _, each in sorted(totals(x).items(), key=lambda pair: pair[0].encode())],
        ),
        AnalyzerCase(Frequencies(COUNTED), (TEXTS,), frequencies(totals, by_count)),
        AnalyzerCase(Frequencies(IN_ROWS), (TEXTS,), frequencies(totals, by_count)),
        AnalyzerCase(Frequencies(IN_ROWS, "rows"), (TEXTS,), frequencies(in_rows, by_count)),
        AnalyzerCase(Frequencies(IN_ROWS, "rows"), (TEXT,), frequencies(in_rows, by_count)),
        AnalyzerCase(
            Frequencies(BY_WEIGHT),
            (TEXTS, WEIGHTS),
            lambda *all: sorted(totals(*all).values(), reverse=True),
            same_bytes=False,
        ),
        *(
            AnalyzerCase(
                Frequencies(
                    BY_INFORMATION if len(types) == 2 else replace(BY_INFORMATION, scoring=INFORMED_WEIGHTED)
                ),
                types,
                lambda *all: sorted(information(*all).values(), reverse=True),
                1e-9,
                1e-9,
                1e-9,
                same_bytes=len(types) == 2,
            )
            for types in ((TEXT, LABELS), (TEXTS, LABELS), (TEXTS, WEIGHTS, LABELS))
        ),
    ],
    "integer_vocabulary": [
        AnalyzerCase(IntegerVocabulary(), (INTEGER,), integers_by_count),
        AnalyzerCase(
            IntegerVocabulary(3, excluded_tokens=("-1", "1"), scoring=Scoring(in_rows=True)),
            (LABELS,),
            lambda x: [each for each in integers_by_count(x) if each not in (-1, 1)][:3],
        ),
        AnalyzerCase(IntegerVocabulary(), (ColumnType("int8", (2,)),), integers_by_count),
        AnalyzerCase(IntegerVocabulary(), (ColumnType("int32", ragged=True),), integers_by_count),
    ],
    "histogram": [
        AnalyzerCase(Histogram(4), (DOUBLE, EDGES), counted(EDGES)),
        AnalyzerCase(Histogram(4), (LISTS, EDGES), counted(EDGES)),
        AnalyzerCase(Histogram(4), (ROWS, EDGES), counted(EDGES)),
        AnalyzerCase(Histogram(2), (INTEGER, FEW_EDGES), counted(FEW_EDGES)),
        *(
            AnalyzerCase(Histogram(4, weighted=True), types, counted(EDGES), 1e-14, same_bytes=False)
            for types in ((DOUBLE, EDGES, WEIGHTS), (LISTS, EDGES, WEIGHTS), (LISTS, EDGES, LISTS))
        ),
    ],
    "covariance": [
        AnalyzerCase(Covariance(), (ROWS,), scatter, 1e-9, 1e-9, 1e-6, same_bytes=False),
        AnalyzerCase(Covariance(True), (ROWS, WEIGHTS), scatter, 1e-9, 1e-9, 1e-6, same_bytes=False),
    ],
    "pca": [
        *(AnalyzerCase(Pca(n), (ROWS,), leading(n), 1e-6, 1e-6, 1e-6, same_bytes=False) for n in (1, 3)),
        AnalyzerCase(Pca(2, True), (ROWS, WEIGHTS), leading(2), 1e-6, 1e-6, 1e-6, same_bytes=False),
    ],
    **{
        kind.name: [
            *(
                AnalyzerCase(kind(), (type_,), over_values(tukey(place)), 1e-6, 0.0, 1e-6)
                for type_ in (DOUBLE, LISTS, INTEGER)
            ),
            AnalyzerCase(kind(True), (DOUBLE, LABELS), over_values(tukey(place)), 1e-6, 1e-12, 1e-6),
        ]
        for place, kind in enumerate([TukeyLocation, TukeyScale, TukeyLeft, TukeyRight])
    },
    "keys": [
        AnalyzerCase(Keys(MomentsAccumulator()), (DOUBLE, TEXT), the_keys, same_bytes=False),
        AnalyzerCase(Keys(ExtremaAccumulator()), (LISTS, TEXTS), the_keys),
    ],
    "per_key": [
        *(
            AnalyzerCase(PerKey(Mean()), types, per_key(over_values(mean)), same_bytes=False)
            for types in ((DOUBLE, TEXT), (LISTS, TEXT), (LISTS, TEXTS))
        ),
        AnalyzerCase(PerKey(Sum(False)), (ROWS, TEXT), per_key(per_place(total)), same_bytes=False),
        AnalyzerCase(
            PerKey(Variance(weighted=True)),
            (DOUBLE, WEIGHTS, TEXT),
            per_key(over_values(variance)),
            1e-13,
            same_bytes=False,
        ),
        AnalyzerCase(PerKey(Size()), (INTEGER, TEXT), per_key(over_values(size))),
        AnalyzerCase(PerKey(Max()), (INTEGER, TEXT), per_key(over_values(largest))),
        AnalyzerCase(PerKey(Min(False)), (ROWS, TEXT), per_key(per_place(smallest))),
        AnalyzerCase(PerKey(Quantiles(4)), (DOUBLE, TEXT), per_key(over_values(cuts(4)))),
        AnalyzerCase(
            PerKey(Quantiles(4, weighted=True)), (DOUBLE, WEIGHTS, TEXT), per_key(over_values(cuts(4)))
        ),
        AnalyzerCase(
            PerKey(TukeyScale()),
            (DOUBLE, TEXT),
            skip_if_none(per_key(over_values(tukey(1)))),
            1e-6,
            0.0,
            1e-6,
        ),
        AnalyzerCase(PerKey(Histogram(4)), (DOUBLE, EDGES, TEXT), counted_per_key(EDGES)),
        AnalyzerCase(PerKey(Histogram(4)), (LISTS, EDGES, TEXTS), counted_per_key(EDGES)),
        AnalyzerCase(
            PerKey(Covariance()), (ROWS, TEXT), per_key(scatter), 1e-9, 1e-9, 1e-6, same_bytes=False
        ),
    ],
}
