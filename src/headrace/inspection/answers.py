"""Columns that give the answer away: how well each column predicts the label on its own, on rows held out.

A column is divided into bins (numbers by their quantiles, strings by their values, missing values in a bin of
their own). The mean label of each bin, learned on one half of the rows, predicts the other half, and vice
versa. The figure is the area under the ROC curve (of each class against the others, on average), or R².
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from headrace.inspection.sample import find_missing
from headrace.random_order import random_order, shuffle_source

__all__ = ["Power", "measure_power"]

_MOST_BINS = 256
_ROWS_PER_BIN = 10
_ROWS_PER_VALUE = 3
_EXACT = 1e-9  # share of the variance that rounding leaves
_MOST_CLASSES = 20  # the most frequent classes are measured

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Power:
    """How well a column alone predicts the label.

    Attributes:
        score: AUC, or R² for a label of numbers, on rows held out.
        is_copy: Whether each of few values of the column stands for one value of the label.
    """

    score: float
    is_copy: bool = False


def measure_power(array: pa.Array, targets: NDArray[Any], classes: int | None) -> Power:
    """Measure how well a column alone predicts the label of rows held out.

    Args:
        array: The column.
        targets: The class number or the number of each row; all known.
        classes: The number of classes; None for numbers.
    """
    half = np.zeros(len(array), bool)
    half[random_order(len(array), shuffle_source(0))[: len(array) // 2]] = True
    codes = _assign_bins(array)
    if classes is None:
        numbers = targets.astype(np.float64)
        spread = float(((numbers - numbers.mean()) ** 2).mean()) or 1.0
        errors = [_mean_error(_predict(codes, numbers, half), numbers)]
        if pa.types.is_floating(array.type) or pa.types.is_integer(array.type):
            errors.append(_fit_line(array, numbers, half))
        return Power(1 - min(errors) / spread, min(errors) < _EXACT * spread)
    counts = np.bincount(targets, minlength=classes)
    measured = np.argsort(-counts)[:_MOST_CLASSES]
    areas = [
        _area_under_curve(_predict(codes, (targets == each).astype(np.float64), half), targets == each)
        for each in measured.tolist()
        if 0 < counts[each] < len(targets)
    ]
    return Power(float(np.mean(areas)) if areas else 0.5, _is_copy(array, targets))


def _is_copy(array: pa.Array, targets: Codes) -> bool:
    """Whether the values of a column and the classes are in a one-to-one relation, with several rows each."""
    codes = np.asarray(array.dictionary_encode(null_encoding="encode").indices).astype(np.int64)
    values, classes = len(np.unique(codes)), len(np.unique(targets))
    pairs = len(np.unique(codes * (int(targets.max()) + 1) + targets))
    return values == classes == pairs and values * _ROWS_PER_VALUE <= len(targets)


def _assign_bins(array: pa.Array) -> Codes:
    """Number the bins of a column from 0; missing values have bin 0."""
    missing = np.asarray(find_missing(array))
    if pa.types.is_floating(array.type) or pa.types.is_integer(array.type):
        numbers = np.asarray(pc.cast(array, pa.float64(), safe=False))
        known = numbers[np.isfinite(numbers)]
        distinct = np.unique(known)
        bins = max(2, min(_MOST_BINS, len(known) // _ROWS_PER_BIN))
        edges = (
            distinct if len(distinct) <= bins else np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)))
        )
        codes = np.searchsorted(edges, np.nan_to_num(numbers), side="right") + 1
    else:
        codes = np.asarray(array.dictionary_encode().indices.fill_null(0)).astype(np.int64) + 1
    return np.where(missing, 0, codes)


def _predict(codes: Codes, targets: Floats, half: NDArray[np.bool_]) -> Floats:
    """Predict each half of the rows by the mean target of each bin in the other half."""
    predicted = np.empty(len(targets))
    size = int(codes.max()) + 1
    for train in (half, ~half):
        prior = float(targets[train].mean()) if train.any() else 0.0
        sums = np.bincount(codes[train], targets[train], size)
        counts = np.bincount(codes[train], minlength=size)
        predicted[~train] = ((sums + prior) / (counts + 1))[codes[~train]]
    return predicted


def _mean_error(predicted: Floats, targets: Floats) -> float:
    return float(((predicted - targets) ** 2).mean())


def _fit_line(array: pa.Array, targets: Floats, half: NDArray[np.bool_]) -> float:
    """Return the squared error of a line through the rows of one half, on the other half, and vice versa."""
    numbers = np.asarray(pc.cast(array, pa.float64(), safe=False))
    known = np.isfinite(numbers)
    numbers = np.where(known, numbers, numbers[known].mean() if known.any() else 0.0)
    predicted = np.empty(len(targets))
    for train in (half, ~half):
        x, y = numbers[train], targets[train]
        spread = float(((x - x.mean()) ** 2).mean())
        slope = float(((x - x.mean()) * (y - y.mean())).mean()) / spread if spread else 0.0
        predicted[~train] = y.mean() + slope * (numbers[~train] - x.mean())
    return _mean_error(predicted, targets)


def _area_under_curve(scores: Floats, positive: NDArray[np.bool_]) -> float:
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positives, negatives = int(positive.sum()), int((~positive).sum())
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))
