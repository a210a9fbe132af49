"""Quantiles, by a KLL sketch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import datasketches
import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.analyzer import Accumulator, Analyzer
from headrace.transform.analyzers.numbers import statistic_type, values_of
from headrace.transform.column import Column, apply

__all__ = ["quantiles"]

SKETCH_SIZE = 4096


@dataclass(frozen=True)
class QuantilesAccumulator(Accumulator):
    """A KLL sketch (Karnin, Lang and Liberty 2016) of k = 4096: exact below 4,096 values; NaN is left out."""

    def empty(self) -> Any:
        return datasketches.kll_doubles_sketch(SKETCH_SIZE)  # pyright: ignore[reportAttributeAccessIssue]

    def update(self, state: Any, *values: Any) -> Any:
        x = values_of(values[0], reduce_instance_dims=True).astype(np.float64, copy=False)
        state.update(x[~np.isnan(x)])
        return state

    def merge(self, first: Any, second: Any) -> Any:
        first.merge(second)
        return first


@dataclass(frozen=True)
class Quantiles(Analyzer):
    """The inner boundaries between `num_buckets` parts of the sorted values that hold equally many."""

    name = "quantiles"
    num_buckets: int

    @property
    def accumulator(self) -> Accumulator:
        return QuantilesAccumulator()

    def infer(self, *types: ColumnType) -> ColumnType:
        statistic_type(self.name, types[0], reduce_instance_dims=True)
        if self.num_buckets < 2:
            raise TraceError(
                f"{self.num_buckets} buckets have no boundaries between them", way_out="ask for 2 or more"
            )
        return ColumnType("float64", (self.num_buckets - 1,))

    def result(self, state: Any) -> np.ndarray:
        if state.is_empty():
            return np.full(self.num_buckets - 1, np.nan)
        ranks = np.arange(1, self.num_buckets) / self.num_buckets
        return np.asarray(state.get_quantiles(ranks, True), np.float64)


def quantiles(x: Column, num_buckets: int) -> Column:
    """The `num_buckets` - 1 boundaries that cut the values into equally many, NaN left out.

    Each is a value of the column (NumPy's method "inverted_cdf"): exact below 4,096 values; above, its rank
    is within 0.1% of the one asked for, at 99% confidence.
    """
    return apply(Quantiles(num_buckets), x)
