"""The geometric mean of a column of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.transform.analyzers.numeric_input import infer_statistic_type, read_numbers
from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.graph.state_bytes import Packed
from headrace.transform.tracing.column import Column, apply

__all__ = ["geometric_mean"]


@dataclass(frozen=True)
class LogarithmsAccumulator(Accumulator):
    """The number of positive values, and the sum of their logarithms: float64 [2]."""

    def empty(self) -> np.ndarray:
        return np.zeros(2)

    def update(self, state: np.ndarray, *values: Any) -> np.ndarray:
        x = read_numbers(values[0], None, None, reduce_instance_dims=True).values
        x = x[x > 0].astype(np.float64)
        return self.merge(state, np.array([len(x), np.log(x).sum()]))

    def merge(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return first + second

    def pack(self, state: np.ndarray) -> Sequence[Packed]:
        return [state]

    def unpack(self, arrays: Sequence[Any]) -> np.ndarray:
        (state,) = arrays
        if state.shape != (2,):
            raise ValueError(f"expected two numbers, got {list(state.shape)}")
        return state


@dataclass(frozen=True)
class GeometricMean(Analyzer):
    """The geometric mean of the positive values; NaN without values."""

    name = "geometric_mean"

    @property
    def accumulator(self) -> Accumulator:
        return LogarithmsAccumulator()

    def infer(self, *types: ColumnType) -> ColumnType:
        return infer_statistic_type(self.name, types, reduce_instance_dims=True)

    def result(self, state: np.ndarray) -> np.ndarray:
        count, total = state
        return np.asarray(np.exp(total / count) if count else np.nan)


def geometric_mean(x: Column) -> Column:
    """Compute the geometric mean of the positive values of x over the data set: float64."""
    return apply(GeometricMean(), x)
