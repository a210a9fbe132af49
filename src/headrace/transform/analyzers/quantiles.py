"""Quantiles of a column of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.analyzer import Accumulator, Analyzer
from headrace.transform.analyzers.numbers import statistic_type, values_of
from headrace.transform.analyzers.rank_sketch import RankSketch
from headrace.transform.column import Column, apply

__all__ = ["quantiles"]


@dataclass(frozen=True)
class QuantilesAccumulator(Accumulator):
    """Keeps a sketch of all values; NaN is left out."""

    def empty(self) -> RankSketch:
        return RankSketch()

    def update(self, state: RankSketch, *values: Any) -> RankSketch:
        x = values_of(values[0], reduce_instance_dims=True).astype(np.float64, copy=False)
        state.add(x[~np.isnan(x)])
        return state

    def merge(self, first: RankSketch, second: RankSketch) -> RankSketch:
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

    def result(self, state: RankSketch) -> np.ndarray:
        return state.quantiles(self.num_buckets)


def quantiles(x: Column, num_buckets: int) -> Column:
    """The `num_buckets` - 1 boundaries that cut the values into equally many, NaN left out.

    Each is a value of the column (NumPy's method "inverted_cdf"): exact up to 32,768 values; above, of a rank
    near the one asked for, by the bound in `RankSketch`. The same batches give the same boundaries.
    """
    return apply(Quantiles(num_buckets), x)
