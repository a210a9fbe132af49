"""The smallest and the largest value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from headrace.columns import ColumnType
from headrace.transform.analyzer import Accumulator, Analyzer
from headrace.transform.analyzers.numbers import statistic_type, values_of
from headrace.transform.column import Column, apply

__all__ = ["max", "min"]


class Extrema(NamedTuple):
    """The smallest and largest value so far, float64; inf and -inf before there is one."""

    min: np.ndarray
    max: np.ndarray


@dataclass(frozen=True)
class ExtremaAccumulator(Accumulator):
    """Keeps the smallest and the largest value; NaN is left out."""

    reduce_instance_dims: bool

    def empty(self) -> Extrema:
        return Extrema(np.asarray(np.inf), np.asarray(-np.inf))

    def update(self, state: Extrema, *values: Any) -> Extrema:
        x = values_of(values[0], self.reduce_instance_dims).astype(np.float64, copy=False)
        lowest = np.fmin.reduce(x, axis=0, initial=np.inf)
        return self.merge(state, Extrema(lowest, np.fmax.reduce(x, axis=0, initial=-np.inf)))

    def merge(self, first: Extrema, second: Extrema) -> Extrema:
        return Extrema(np.fmin(first.min, second.min), np.fmax(first.max, second.max))


@dataclass(frozen=True)
class _Extremum(Analyzer):
    reduce_instance_dims: bool = True

    @property
    def accumulator(self) -> Accumulator:
        return ExtremaAccumulator(self.reduce_instance_dims)

    def infer(self, *types: ColumnType) -> ColumnType:
        return statistic_type(self.name, types[0], self.reduce_instance_dims)


class Min(_Extremum):
    """The smallest value."""

    name = "min"

    def result(self, state: Extrema) -> np.ndarray:
        return np.where(state.min <= state.max, state.min, np.nan)


class Max(_Extremum):
    """The largest value."""

    name = "max"

    def result(self, state: Extrema) -> np.ndarray:
        return np.where(state.min <= state.max, state.max, np.nan)


def min(x: Column, reduce_instance_dims: bool = True) -> Column:  # noqa: A001 - TF Transform's name
    """The smallest value, NaN left out; one for each place in a row if not `reduce_instance_dims`."""
    return apply(Min(reduce_instance_dims), x)


def max(x: Column, reduce_instance_dims: bool = True) -> Column:  # noqa: A001 - TF Transform's name
    """The largest value, NaN left out; one for each place in a row if not `reduce_instance_dims`."""
    return apply(Max(reduce_instance_dims), x)
