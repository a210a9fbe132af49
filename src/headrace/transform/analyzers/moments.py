"""Mean, variance and the number of values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.transform.analyzer import Accumulator, Analyzer
from headrace.transform.analyzers.numbers import statistic_type, values_of
from headrace.transform.column import Column, apply

__all__ = ["mean", "size", "var"]


@dataclass(frozen=True)
class Moments:
    """Count, mean, and sum of squared distances from the mean, each float64; NaN is left out."""

    count: np.ndarray
    mean: np.ndarray
    m2: np.ndarray


@dataclass(frozen=True)
class MomentsAccumulator(Accumulator):
    """Merges by the pairwise update of Chan, Golub and LeVeque (1979), which does not cancel."""

    reduce_instance_dims: bool

    def empty(self) -> Moments:
        return Moments(np.zeros(()), np.zeros(()), np.zeros(()))

    def update(self, state: Moments, *values: Any) -> Moments:
        x = values_of(values[0], self.reduce_instance_dims).astype(np.float64, copy=False)
        present = ~np.isnan(x)
        filled = x if present.all() else np.where(present, x, 0.0)
        count = present.sum(axis=0).astype(np.float64)
        center = filled.sum(axis=0) / np.maximum(count, 1.0)
        distance = np.where(present, filled - center, 0.0)
        return self.merge(state, Moments(count, center, np.square(distance).sum(axis=0)))

    def merge(self, first: Moments, second: Moments) -> Moments:
        count = first.count + second.count
        share = second.count / np.maximum(count, 1.0)
        delta = second.mean - first.mean
        weighted = first.mean * (1 - share) + second.mean * share  # an infinity has no distance to move by
        mean = np.where(np.isfinite(delta), first.mean + delta * share, weighted)
        return Moments(count, mean, first.m2 + second.m2 + np.square(delta) * first.count * share)


@dataclass(frozen=True)
class _Moment(Analyzer):
    reduce_instance_dims: bool = True

    @property
    def accumulator(self) -> Accumulator:
        return MomentsAccumulator(self.reduce_instance_dims)

    def infer(self, *types: ColumnType) -> ColumnType:
        return statistic_type(self.name, types[0], self.reduce_instance_dims)


class Mean(_Moment):
    """The arithmetic mean."""

    name = "mean"

    def result(self, state: Moments) -> np.ndarray:
        return np.where(state.count > 0, state.mean, np.nan)


class Variance(_Moment):
    """The population variance: the mean squared distance from the mean."""

    name = "var"

    def result(self, state: Moments) -> np.ndarray:
        return np.where(state.count > 0, state.m2 / np.maximum(state.count, 1.0), np.nan)


class Size(_Moment):
    """How many values there are."""

    name = "size"

    def result(self, state: Moments) -> np.ndarray:
        return np.asarray(state.count)


def mean(x: Column, reduce_instance_dims: bool = True) -> Column:
    """The mean of all values, NaN left out; one for each place in a row if not `reduce_instance_dims`."""
    return apply(Mean(reduce_instance_dims), x)


def var(x: Column, reduce_instance_dims: bool = True) -> Column:
    """The population variance of all values, NaN left out; as `numpy.nanvar`."""
    return apply(Variance(reduce_instance_dims), x)


def size(x: Column, reduce_instance_dims: bool = True) -> Column:
    """How many values there are, NaN left out."""
    return apply(Size(reduce_instance_dims), x)
