"""Histograms: counts of values by interval.

Missing values (NaN) are ignored, values outside of all intervals, and values whose weight is NaN, infinite or
not above 0. Without values, all counts are 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from headrace.arguments import check_integer
from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.analyzers.extrema import max as max_of
from headrace.transform.analyzers.extrema import min as min_of
from headrace.transform.analyzers.frequencies import count_per_key
from headrace.transform.analyzers.moments import MomentsAccumulator, Sum
from headrace.transform.analyzers.numeric_input import as_exact_floats, infer_statistic_type, read_numbers
from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.graph.state_bytes import Packed
from headrace.transform.tracing.column import Column, apply, cast_to, constant, make_op

__all__ = ["histogram"]


@dataclass(frozen=True)
class HistogramAccumulator(Accumulator):
    """The total weight in each of `bins` intervals.

    Its columns are the values, the boundaries, and the weights if `weighted`. The intervals are those of
    `numpy.histogram`: a value on a boundary belongs to the interval above, on the last boundary to the last
    interval. NaN and values outside are ignored.
    """

    fixed = frozenset({1})
    bins: int
    weighted: bool = False

    def empty(self) -> np.ndarray:
        return MomentsAccumulator().empty_stack(self.bins)

    def update(self, state: np.ndarray, *values: Any) -> np.ndarray:
        x, boundaries, *weights = values
        found = read_numbers(x, weights[0] if self.weighted else None, None, reduce_instance_dims=True)
        numbers = as_exact_floats(found.values[:, 0])
        edges = np.asarray(boundaries, np.float64)
        places = np.searchsorted(edges, numbers, side="right") - 1
        places[numbers == edges[-1]] = self.bins - 1
        inside = (places >= 0) & (places < self.bins) & ~np.isnan(numbers)
        counted = np.ones(len(numbers)) if found.weights is None else found.weights
        counted = np.where((counted > 0) & np.isfinite(counted), counted, np.nan)[inside]
        codes = places[inside].astype(np.int32)
        return self.merge(state, MomentsAccumulator().update_groups(codes, self.bins, counted))

    def merge(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return MomentsAccumulator().merge_stacks(first, second)

    def pack(self, state: np.ndarray) -> Sequence[Packed]:
        return MomentsAccumulator().pack_stack(state)

    def unpack(self, arrays: Sequence[Any]) -> np.ndarray:
        return MomentsAccumulator().unpack_stack(arrays, self.bins)


@dataclass(frozen=True)
class Histogram(Analyzer):
    """The total weight of the values in each interval."""

    name = "histogram"
    bins: int
    weighted: bool = field(default=False, repr=False)

    @property
    def accumulator(self) -> Accumulator:
        return HistogramAccumulator(self.bins, self.weighted)

    def infer(self, *types: ColumnType) -> ColumnType:
        x, boundaries, *weights = types
        infer_statistic_type(self.name, (x, *weights), reduce_instance_dims=True)
        if boundaries.ragged or boundaries.shape != (self.bins + 1,) or self.bins < 1:
            raise TraceError(
                f"expected {self.bins + 1} boundaries of {self.bins} intervals, got {boundaries}",
                hint="pass one boundary more than intervals",
            )
        return ColumnType("float64", (self.bins,))

    def result(self, state: np.ndarray) -> np.ndarray:
        return Sum().results(state)


def histogram(
    x: Column,
    boundaries: Sequence[float] | int | Column | None = None,
    categorical: bool = False,
    *,
    weights: Column | None = None,
) -> tuple[Column, Column]:
    """Count the values in each interval; return the counts and the boundaries of the intervals.

    Intervals are those of `numpy.histogram`. (TF Transform moves boundaries by 0.0001 to the left, and counts
    values outside in the outer intervals.) NaN and values outside are ignored.

    Args:
        x: A column of numbers, or of strings if `categorical`.
        boundaries: Increasing numbers, [intervals + 1]. None stands for 0, 0.1, ..., 1; an integer n for n
            evenly spaced boundaries from the smallest value to the largest, which takes one more pass.
        categorical: Count distinct strings instead.
        weights: Numbers, one per row or value.

    Returns:
        Counts, float64 [intervals], and boundaries [intervals + 1]; if `categorical`, the counts (int64) and
        the strings.

    Raises:
        TraceError: The boundaries are not at least two increasing numbers.
    """
    if categorical:
        strings, counts = count_per_key(x)
        return counts, strings
    edges = _edges(x, boundaries)
    (size,) = edges.type.shape
    columns = (x, edges) if weights is None else (x, edges, weights)
    return apply(Histogram(size - 1, weights is not None), *columns), edges


def _edges(x: Column, boundaries: Sequence[float] | int | Column | None) -> Column:
    if isinstance(boundaries, Column):
        return boundaries
    if isinstance(boundaries, int):
        check_integer(boundaries, "boundaries", 2, 2**24)
        low, high = (cast_to(each, "float64") for each in (min_of(x), max_of(x)))
        headroom = apply(make_op("headroom", "float64"), low, high)
        steps = (high * headroom - low * headroom) * constant(np.linspace(0, 1, boundaries))
        return (low * headroom + steps) / headroom
    edges = np.arange(11) / 10 if boundaries is None else np.array(list(boundaries), np.float64)
    if edges.ndim != 1 or len(edges) < 2 or not np.all(np.diff(edges) > 0):
        raise TraceError(
            f"expected at least two increasing boundaries, got {edges.tolist()!r:.80}", hint="sort them"
        )
    return constant(edges)
