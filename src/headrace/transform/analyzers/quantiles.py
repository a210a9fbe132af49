"""Quantiles of a column of numbers.

Missing values (NaN) are ignored, and values whose weight is NaN, infinite or not above 0; infinities count as
values. Without values, all quantiles are NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.analyzers.numeric_input import as_exact_floats, infer_statistic_type, read_numbers
from headrace.transform.analyzers.rank_sketch import CAPACITY, RankSketch, WeightedRankSketch
from headrace.transform.analyzers.rank_stack import RankStack
from headrace.transform.analyzers.weighted import apply_weighted
from headrace.transform.graph.analyzer import Accumulator, Analyzer, as_objects
from headrace.transform.graph.state_bytes import Packed
from headrace.transform.tracing.column import Column

__all__ = ["RanksAccumulator", "WeightedRanksAccumulator", "make_ranks_accumulator", "quantiles"]

_MOST_LEVELS = 64


@dataclass(frozen=True)
class RanksAccumulator(Accumulator):
    """A sketch of all values; NaN is ignored."""

    def empty(self) -> RankSketch:
        return RankSketch()

    def update(self, state: RankSketch, *values: Any) -> RankSketch:
        x = np.sort(read_numbers(values[0], None, None, reduce_instance_dims=True).values[:, 0])
        x = as_exact_floats(x) + 0.0  # -0.0 is 0.0
        state.add(x[: len(x) - np.count_nonzero(np.isnan(x))])  # sorting moves NaN to the end
        return state

    def merge(self, first: RankSketch, second: RankSketch) -> RankSketch:
        first.merge(second)
        return first

    def empty_stack(self, groups: int) -> Any:
        return RankStack.merge([], np.empty(0, np.int64), groups)

    def update_groups(self, codes: np.ndarray, groups: int, *values: Any) -> Any:
        found = read_numbers(values[0], None, codes, reduce_instance_dims=True)
        x = as_exact_floats(found.values[:, 0]) + 0.0  # -0.0 is 0.0
        known = ~np.isnan(x)
        return RankStack.group(x[known], np.asarray(found.codes)[known], groups)

    def join_stacks(self, stacks: Sequence[Any], places: np.ndarray, groups: int) -> Any:
        return RankStack.merge(stacks, places, groups)

    def pack_stack(self, stack: Any) -> list[Packed]:
        large = sorted(stack.sketches)
        dumped = super().pack_stack(as_objects([stack.sketches[group] for group in large]))
        return [np.diff(stack.values.row_splits), stack.values.values, np.array(large, np.int64), *dumped]

    def unpack_stack(self, arrays: Sequence[Any], groups: int) -> Any:
        if len(arrays) == 2:  # as stored before groups shared an array
            return RankStack.collect(super().unpack_stack(arrays, groups).tolist())
        lengths, values, large, *dumped = arrays
        sketches = dict(zip(large.tolist(), super().unpack_stack(dumped, len(large)), strict=True))
        if values.dtype != np.float64 or np.isnan(values).any() or len(lengths) != groups:
            raise ValueError(f"expected float64 values without NaN of {groups} groups")
        if not ((lengths >= 0) & (lengths <= CAPACITY)).all() or lengths.sum() != len(values):
            raise ValueError(f"expected the lengths of {len(values)} values")
        if any(not 0 <= group < groups or lengths[group] for group in sketches):
            raise ValueError("expected sketches of groups without values")
        codes = np.repeat(np.arange(groups), lengths)
        return RankStack(RankStack.group(values, codes, groups).values, sketches)

    def pack(self, state: RankSketch) -> Sequence[Packed]:
        values = np.concatenate([np.empty(0), *map(np.sort, state.levels)])
        return [np.array(list(map(len, state.levels)), np.int64), np.array(state.offsets, np.int64), values]

    def unpack(self, arrays: Sequence[Any]) -> RankSketch:
        lengths, offsets, values = arrays
        levels = _split_levels(lengths, values)
        if len(offsets) != len(lengths) or not set(offsets.tolist()) <= {0, 1}:
            raise ValueError("expected one offset of 0 or 1 per level")
        return RankSketch(levels, offsets.tolist())


@dataclass(frozen=True)
class WeightedRanksAccumulator(Accumulator):
    """A sketch of all values and their weights; NaN, and values without a positive weight, are ignored."""

    def empty(self) -> WeightedRankSketch:
        return WeightedRankSketch()

    def update(self, state: WeightedRankSketch, *values: Any) -> WeightedRankSketch:
        found = read_numbers(values[0], values[1], None, reduce_instance_dims=True)
        both = np.stack([as_exact_floats(found.values[:, 0]) + 0.0, np.asarray(found.weights)])
        state.add(both[:, ~np.isnan(both[0]) & (both[1] > 0) & np.isfinite(both[1])])
        return state

    def merge(self, first: WeightedRankSketch, second: WeightedRankSketch) -> WeightedRankSketch:
        first.merge(second)
        return first

    def pack(self, state: WeightedRankSketch) -> Sequence[Packed]:
        lengths = np.array([level.shape[1] for level in state.levels], np.int64)
        levels = (level[:, np.lexsort(level[::-1])] for level in state.levels)
        return [lengths, *np.concatenate([np.empty((2, 0)), *levels], axis=1)]

    def unpack(self, arrays: Sequence[Any]) -> WeightedRankSketch:
        lengths, values, weights = arrays
        if not np.all((weights > 0) & np.isfinite(weights)):
            raise ValueError("expected finite weights above 0")
        pairs = zip(_split_levels(lengths, values), _split_levels(lengths, weights), strict=True)
        return WeightedRankSketch([np.stack(pair) for pair in pairs])


def _split_levels(lengths: np.ndarray, values: np.ndarray) -> list[np.ndarray]:
    """Check the lengths of levels, and split the values into levels."""
    sizes = lengths.tolist()
    if values.dtype != np.float64 or values.ndim != 1 or np.isnan(values).any() or len(sizes) > _MOST_LEVELS:
        raise ValueError("expected float64 values without NaN")
    if sum(sizes) != len(values) or not all(0 <= size <= CAPACITY for size in sizes):
        raise ValueError(f"expected the lengths of {len(values)} values, got {sizes}")
    return np.split(values, np.cumsum(sizes)[:-1]) if sizes else []


def make_ranks_accumulator(has_weights: bool) -> Accumulator:
    """Make the accumulator that quantiles and all other rank statistics share."""
    return WeightedRanksAccumulator() if has_weights else RanksAccumulator()


@dataclass(frozen=True)
class Quantiles(Analyzer):
    """The inner boundaries of `num_buckets` parts of equal weight of the sorted values."""

    name = "quantiles"
    num_buckets: int
    weighted: bool = field(default=False, repr=False)

    @property
    def accumulator(self) -> Accumulator:
        return make_ranks_accumulator(self.weighted)

    def infer(self, *types: ColumnType) -> ColumnType:
        infer_statistic_type(self.name, types, reduce_instance_dims=True)
        if self.num_buckets < 2:
            raise TraceError(
                f"expected at least 2 buckets, got {self.num_buckets}", hint="choose a larger number"
            )
        return ColumnType("float64", (self.num_buckets - 1,))

    def result(self, state: RankSketch | WeightedRankSketch) -> np.ndarray:
        return state.ranked().quantiles(self.num_buckets)

    def results(self, stack: Any) -> np.ndarray:
        return stack.quantiles(self.num_buckets) if isinstance(stack, RankStack) else super().results(stack)


def quantiles(x: Column, num_buckets: int, *, weights: Column | None = None) -> Column:
    """Compute the `num_buckets` - 1 quantiles that divide the values into parts of equal size: float64.

    Each is a value of the column (NumPy's method "inverted_cdf"). Up to 32,768 values, quantiles are exact;
    above, their rank is within the error bound of `RankSketch`. The same batches yield the same quantiles.
    NaN is ignored. Integers beyond 2**53, which float64 rounds, are refused as the data is analyzed.

    Args:
        x: A column of numbers.
        num_buckets: The number of parts, at least 2.
        weights: Numbers, one per row or value; the parts then have equal weight.

    Raises:
        TraceError: `x` holds strings, or `num_buckets` is below 2.
    """
    return apply_weighted(Quantiles(num_buckets, weights is not None), x, weights)
