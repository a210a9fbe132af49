"""Minimum and maximum of a column.

Missing values (NaN) are ignored, and rows whose weight is NaN, infinite or not above 0; infinities count as
values. Without values, both are NaN.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from headrace import _native
from headrace.columns import ColumnType
from headrace.transform.analyzers.array_accumulator import ArrayAccumulator
from headrace.transform.analyzers.numeric_input import infer_statistic_type
from headrace.transform.analyzers.weighted import apply_weighted
from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.tracing.column import Column

__all__ = ["max", "min"]


@dataclass(frozen=True)
class ExtremaAccumulator(ArrayAccumulator):
    """The smallest and the largest value so far; inf and -inf before the first value.

    NaN is ignored, and -0.0 counts as 0.0.
    """

    initial = (np.inf, -np.inf)

    def kernel(
        self, values: np.ndarray, codes: np.ndarray | None, groups: int, weights: np.ndarray | None
    ) -> np.ndarray:
        return _native.extrema(values, codes, groups, weights)

    def merge(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        low = np.minimum(first[..., 0], second[..., 0])
        return np.stack([low, np.maximum(first[..., 1], second[..., 1])], axis=-1) + 0.0  # -0.0 becomes 0.0


@dataclass(frozen=True)
class _Extremum(Analyzer, abstract=True):
    reduce_instance_dims: bool = True
    weighted: bool = field(default=False, repr=False)

    @property
    def accumulator(self) -> Accumulator:
        return ExtremaAccumulator(self.reduce_instance_dims, self.weighted)

    def infer(self, *types: ColumnType) -> ColumnType:
        return infer_statistic_type(self.name, types, self.reduce_instance_dims)

    def results(self, stack: np.ndarray) -> np.ndarray:
        return self.result(stack)


class Min(_Extremum):
    """The smallest value."""

    name = "min"

    def result(self, state: np.ndarray) -> np.ndarray:
        return np.where(state[..., 0] <= state[..., 1], state[..., 0], np.nan)


class Max(_Extremum):
    """The largest value."""

    name = "max"

    def result(self, state: np.ndarray) -> np.ndarray:
        return np.where(state[..., 0] <= state[..., 1], state[..., 1], np.nan)


def min(x: Column, reduce_instance_dims: bool = True, *, weights: Column | None = None) -> Column:  # noqa: A001 - TF Transform's name
    """Compute the smallest value of x over the data set: float64; NaN is ignored.

    Args:
        x: A column of numbers.
        reduce_instance_dims: Reduce over all values of a row; if False, each place of a row has its minimum.
        weights: Numbers, one per row or value; rows without a positive, finite weight are ignored.
    """
    return apply_weighted(Min(reduce_instance_dims, weights is not None), x, weights)


def max(x: Column, reduce_instance_dims: bool = True, *, weights: Column | None = None) -> Column:  # noqa: A001 - TF Transform's name
    """Compute the largest value of x over the data set: float64; NaN is ignored.

    Args:
        x: A column of numbers.
        reduce_instance_dims: Reduce over all values of a row; if False, each place of a row has its maximum.
        weights: Numbers, one per row or value; rows without a positive, finite weight are ignored.
    """
    return apply_weighted(Max(reduce_instance_dims, weights is not None), x, weights)
