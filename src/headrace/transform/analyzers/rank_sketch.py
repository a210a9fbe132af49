"""Quantile sketches: small, mergeable and deterministic summaries of the ranks of many numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

__all__ = ["CAPACITY", "RankSketch", "RankedValues", "WeightedRankSketch"]

CAPACITY = 32_768


class RankedValues(NamedTuple):
    """Sorted values with cumulative weights.

    Attributes:
        values: float64, sorted.
        cumulative: The total weight of the values up to and including each value.
    """

    values: np.ndarray
    cumulative: np.ndarray

    @classmethod
    def sort(cls, values: np.ndarray, weights: np.ndarray) -> RankedValues:
        """Sort values, and equal values by weight."""
        order = np.lexsort([weights, values])
        return cls(values[order], np.cumsum(weights[order]))

    def quantiles(self, parts: int) -> np.ndarray:
        """Compute the `parts` - 1 values that divide the weight into equal parts; NaN without values.

        Quantile i is the smallest value with at least i / `parts` of the weight at or below it.
        """
        if not len(self.values):
            return np.full(parts - 1, np.nan)
        targets = np.arange(1, parts) * self.cumulative[-1]
        return self.values[np.searchsorted(self.cumulative * parts, targets)]


@dataclass
class RankSketch:
    """Levels of values; a value of level i represents 2**i values near its rank.

    A level with more than `CAPACITY` values is compacted: it is sorted, every other value moves up a level,
    and the rest are dropped (Manku, Rajagopalan and Lindsay 1998). Compactions keep even and odd places in
    turn, where KLL sketches (Karnin, Lang and Liberty 2016) choose at random: errors cancel nearly as well,
    and the same data yield the same result.

    Ranks are exact up to `CAPACITY` values. Of n values, the error of a rank is at most
    n * log2(n / CAPACITY) / CAPACITY, which is 0.05% of n for a billion values.

    Attributes:
        levels: The values of each level, float64.
        offsets: For each level, the first place (0 or 1) that survives its next compaction.
    """

    levels: list[np.ndarray] = field(default_factory=list[np.ndarray])
    offsets: list[int] = field(default_factory=list[int])

    def add(self, values: np.ndarray, level: int = 0) -> None:
        """Add float64 values that represent 2**level values each; sorted values are faster."""
        if not len(values):
            return
        while len(self.levels) <= level:
            self.levels.append(np.empty(0))
            self.offsets.append(0)
        self.levels[level] = np.concatenate([self.levels[level], values])
        if len(self.levels[level]) > CAPACITY:
            self._compact(level)

    def _compact(self, level: int) -> None:
        values = np.sort(self.levels[level], kind="stable")  # mostly a few sorted runs
        paired = len(values) // 2 * 2
        self.levels[level] = values[paired:].copy()  # a view would keep all values in memory
        survivors = values[self.offsets[level] : paired : 2]
        self.offsets[level] ^= 1
        self.add(survivors, level + 1)

    def merge(self, other: RankSketch) -> None:
        """Add the values of another sketch."""
        for level, values in enumerate(other.levels):
            self.add(values, level)

    def ranked(self) -> RankedValues:
        """Return the values in order, with cumulative weights."""
        weights = [np.full(len(values), 1 << level) for level, values in enumerate(self.levels)]
        return RankedValues.sort(
            np.concatenate([np.empty(0), *self.levels]), np.concatenate([np.empty(0, np.int64), *weights])
        )

    def quantiles(self, parts: int) -> np.ndarray:
        """See `RankedValues.quantiles`."""
        return self.ranked().quantiles(parts)


@dataclass
class WeightedRankSketch:
    """A `RankSketch` of weighted values; each level is [values, weights].

    A level with more than `CAPACITY` values is sorted and divided into half as many parts of equal weight;
    the middle value of each part moves up a level with the weight of the part. The error of a rank is at most
    log2(n / CAPACITY) / CAPACITY of the total weight.
    """

    levels: list[np.ndarray] = field(default_factory=list[np.ndarray])

    def add(self, values: np.ndarray, level: int = 0) -> None:
        """Add [values, weights], float64 [2, n]."""
        if not values.size:
            return
        while len(self.levels) <= level:
            self.levels.append(np.empty((2, 0)))
        self.levels[level] = np.concatenate([self.levels[level], values], axis=1)
        if self.levels[level].shape[1] > CAPACITY:
            full, self.levels[level] = self.levels[level], np.empty((2, 0))
            self.add(_compact_weighted(full), level + 1)

    def merge(self, other: WeightedRankSketch) -> None:
        """Add the values of another sketch."""
        for level, values in enumerate(other.levels):
            self.add(values, level)

    def ranked(self) -> RankedValues:
        """Return the values in order, with cumulative weights."""
        values, weights = np.concatenate([np.empty((2, 0)), *self.levels], axis=1)
        return RankedValues.sort(values, weights)


def _compact_weighted(level: np.ndarray) -> np.ndarray:
    """Compact [values, weights] to at most half as many, of the same total weight."""
    values, cumulative = RankedValues.sort(*level)
    parts = level.shape[1] // 2
    share = cumulative[-1] / parts
    chosen, times = np.unique(
        np.searchsorted(cumulative, (np.arange(parts) + 0.5) * share), return_counts=True
    )
    return np.stack([values[np.minimum(chosen, len(values) - 1)], times * share])
