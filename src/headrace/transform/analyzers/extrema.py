"""Minimum and maximum of a column.

Missing values (NaN) are ignored, and rows whose weight is NaN, infinite or not above 0; infinities count as
values. Without values, both are NaN. The extrema of integers are exact integers, 0 without values; with
weights they are float64.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from headrace import _native
from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.analyzers.array_accumulator import ArrayAccumulator
from headrace.transform.analyzers.numeric_input import infer_statistic_type
from headrace.transform.analyzers.weighted import apply_weighted
from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.tracing.column import Column, apply

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

    def has_infinite_values(self, state: np.ndarray) -> bool:
        return bool(np.isinf(self.result(state)).any())

    def results(self, stack: np.ndarray) -> np.ndarray:
        return self.result(stack)


@dataclass(frozen=True)
class IntegerExtremaAccumulator(ArrayAccumulator):
    """The smallest and the largest integer so far, each as high * 2**32 + low with low in [0, 2**32)."""

    initial = (np.inf, 0.0, -np.inf, 0.0)

    def kernel(
        self, values: np.ndarray, codes: np.ndarray | None, groups: int, weights: np.ndarray | None
    ) -> np.ndarray:
        del weights
        places = values.shape[1]
        limits = np.iinfo(values.dtype)
        low = np.full((groups, places), limits.max, values.dtype)
        high = np.full((groups, places), limits.min, values.dtype)
        if codes is None:
            if len(values):
                low[0], high[0] = values.min(axis=0), values.max(axis=0)
            counts = np.array([len(values)])
        else:
            for place in range(places):  # `at` is fast in one dimension only
                numbers = np.ascontiguousarray(values[:, place])
                lowest, highest = low[:, place].copy(), high[:, place].copy()
                np.minimum.at(lowest, codes, numbers)
                np.maximum.at(highest, codes, numbers)
                low[:, place], high[:, place] = lowest, highest
            counts = np.bincount(codes, minlength=groups)
        state = np.stack([*_halves(low), *_halves(high)], axis=-1)
        state[counts == 0] = self.initial
        return state

    def merge(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        low = _choose(first[..., :2], second[..., :2], smaller=True)
        return np.concatenate([low, _choose(first[..., 2:], second[..., 2:], smaller=False)], axis=-1)


def _halves(integers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    wide = integers if integers.dtype == np.uint64 else integers.astype(np.int64)
    half = np.array(32, wide.dtype)
    return (wide >> half).astype(np.float64), (wide & np.array(2**32 - 1, wide.dtype)).astype(np.float64)


def _choose(first: np.ndarray, second: np.ndarray, smaller: bool) -> np.ndarray:
    """Choose the smaller or the larger of two pairs of halves."""
    less = (first[..., 0] < second[..., 0]) | (
        (first[..., 0] == second[..., 0]) & (first[..., 1] < second[..., 1])
    )
    return np.where((less if smaller else ~less)[..., None], first, second)


@dataclass(frozen=True)
class _IntegerExtremum(Analyzer, abstract=True):
    """The smallest or largest integer: int64, or uint64 if `unsigned`; 0 without values."""

    reduce_instance_dims: bool = True
    unsigned: bool = field(default=False, repr=False)

    @property
    def accumulator(self) -> Accumulator:
        return IntegerExtremaAccumulator(self.reduce_instance_dims)

    def infer(self, *types: ColumnType) -> ColumnType:
        if not types[0].is_integer:
            raise TraceError(f"{self.name} expects integers, got {types[0]}", hint="use min or max")
        found = infer_statistic_type(self.name, types, self.reduce_instance_dims)
        return replace(found, dtype="uint64" if self.unsigned else "int64")

    def results(self, stack: np.ndarray) -> np.ndarray:
        return self.result(stack)

    def join(self, halves: np.ndarray) -> np.ndarray:
        """Convert the halves of integers back to integers."""
        dtype = np.uint64 if self.unsigned else np.int64
        high, low = (np.where(np.isfinite(halves[..., :1]), halves, 0)[..., i] for i in (0, 1))
        return np.asarray((high.astype(dtype) << np.array(32, dtype)) | low.astype(dtype))


class IntegerMin(_IntegerExtremum):
    """The smallest integer."""

    name = "integer_min"

    @property
    def display(self) -> tuple[str, Analyzer]:
        return "min", self

    def result(self, state: np.ndarray) -> np.ndarray:
        return self.join(state[..., :2])


class IntegerMax(_IntegerExtremum):
    """The largest integer."""

    name = "integer_max"

    @property
    def display(self) -> tuple[str, Analyzer]:
        return "max", self

    def result(self, state: np.ndarray) -> np.ndarray:
        return self.join(state[..., 2:])


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
    """Compute the smallest value of x over the data set: float64, or int64 for integers; NaN is ignored.

    Args:
        x: A column of numbers.
        reduce_instance_dims: Reduce over all values of a row; if False, each place of a row has its minimum.
        weights: Numbers, one per row or value; rows without a positive, finite weight are ignored.
    """
    if weights is None and isinstance(x, Column) and x.type.is_integer:  # pyright: ignore[reportUnnecessaryIsInstance]
        return apply(IntegerMin(reduce_instance_dims, x.type.dtype == "uint64"), x)
    return apply_weighted(Min(reduce_instance_dims, weights is not None), x, weights)


def max(x: Column, reduce_instance_dims: bool = True, *, weights: Column | None = None) -> Column:  # noqa: A001 - TF Transform's name
    """Compute the largest value of x over the data set: float64, or int64 for integers; NaN is ignored.

    Args:
        x: A column of numbers.
        reduce_instance_dims: Reduce over all values of a row; if False, each place of a row has its maximum.
        weights: Numbers, one per row or value; rows without a positive, finite weight are ignored.
    """
    if weights is None and isinstance(x, Column) and x.type.is_integer:  # pyright: ignore[reportUnnecessaryIsInstance]
        return apply(IntegerMax(reduce_instance_dims, x.type.dtype == "uint64"), x)
    return apply_weighted(Max(reduce_instance_dims, weights is not None), x, weights)
