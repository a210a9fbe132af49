"""A summary of many numbers that keeps their ranks: small, mergeable, and the same on every run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

__all__ = ["CAPACITY", "RankSketch", "RankedValues", "WeightedRankSketch"]

CAPACITY = 32_768


class RankedValues(NamedTuple):
    """Values in rising order, each with the weight of all at or below it.

    Attributes:
        values: float64, sorted.
        cumulative: Cumulated weights, rising; the last is the total.
    """

    values: np.ndarray
    cumulative: np.ndarray

    @classmethod
    def sort(cls, values: np.ndarray, weights: np.ndarray) -> RankedValues:
        """The values sorted, equal ones by weight."""
        order = np.lexsort([weights, values])
        return cls(values[order], np.cumsum(weights[order]))

    def quantiles(self, parts: int) -> np.ndarray:
        """The `parts` - 1 values that cut the weight into equally much; NaN if there is no value.

        Cut i is the smallest value with at least i / `parts` of the weight at or below it.
        """
        if not len(self.values):
            return np.full(parts - 1, np.nan)
        wanted = np.arange(1, parts) * self.cumulative[-1]
        return self.values[np.searchsorted(self.cumulative * parts, wanted)]


@dataclass
class RankSketch:
    """Levels of values; one value in level i stands for 2**i values near its rank.

    A level with more than `CAPACITY` values is sorted, every other value goes up a level, and the rest are
    dropped (Manku, Rajagopalan and Lindsay 1998). Which of two neighbours goes up alternates, where KLL
    sketches (Karnin, Lang and Liberty 2016) toss a coin: errors cancel nearly as well, and the same data give
    the same answer.

    Ranks are exact up to `CAPACITY` values. Of n, one is off by at most n * log2(n / CAPACITY) / CAPACITY,
    which is 0.05% of n for a thousand million.
    """

    levels: list[np.ndarray] = field(default_factory=list[np.ndarray])
    offsets: list[int] = field(default_factory=list[int])

    def add(self, values: np.ndarray, level: int = 0) -> None:
        """Take in float64 values that stand for 2**level each; in order, they cost less."""
        if not len(values):
            return
        while len(self.levels) <= level:
            self.levels.append(np.empty(0))
            self.offsets.append(0)
        self.levels[level] = np.concatenate([self.levels[level], values])
        if len(self.levels[level]) > CAPACITY:
            self._compact(level)

    def _compact(self, level: int) -> None:
        values = np.sort(self.levels[level], kind="stable")  # a few runs that are in order, as a rule
        paired = len(values) // 2 * 2
        self.levels[level] = values[paired:].copy()  # a view would keep all of them
        survivors = values[self.offsets[level] : paired : 2]
        self.offsets[level] ^= 1
        self.add(survivors, level + 1)

    def merge(self, other: RankSketch) -> None:
        """Take in all that another sketch holds."""
        for level, values in enumerate(other.levels):
            self.add(values, level)

    def ranked(self) -> RankedValues:
        """What it holds, in order."""
        weights = [np.full(len(values), 1 << level) for level, values in enumerate(self.levels)]
        return RankedValues.sort(
            np.concatenate([np.empty(0), *self.levels]), np.concatenate([np.empty(0, np.int64), *weights])
        )

    def quantiles(self, parts: int) -> np.ndarray:
        """See `RankedValues.quantiles`."""
        return self.ranked().quantiles(parts)


@dataclass
class WeightedRankSketch:
    """The same for values of any weight: each level holds [values, weights].

    A level with more than `CAPACITY` values is sorted and cut into half as many parts of equal weight; the
    value in the middle of each goes up a level with the part's weight. Ranks are off by at most
    log2(n / CAPACITY) / CAPACITY of the total weight.
    """

    levels: list[np.ndarray] = field(default_factory=list[np.ndarray])

    def add(self, values: np.ndarray, level: int = 0) -> None:
        """Take in [values, weights], float64 [2, n]."""
        if not values.size:
            return
        while len(self.levels) <= level:
            self.levels.append(np.empty((2, 0)))
        self.levels[level] = np.concatenate([self.levels[level], values], axis=1)
        if self.levels[level].shape[1] > CAPACITY:
            full, self.levels[level] = self.levels[level], np.empty((2, 0))
            self.add(_halved(full), level + 1)

    def merge(self, other: WeightedRankSketch) -> None:
        """Take in all that another sketch holds."""
        for level, values in enumerate(other.levels):
            self.add(values, level)

    def ranked(self) -> RankedValues:
        """What it holds, in order."""
        values, weights = np.concatenate([np.empty((2, 0)), *self.levels], axis=1)
        return RankedValues.sort(values, weights)


def _halved(level: np.ndarray) -> np.ndarray:
    """At most half as many [values, weights], of the same weight in all."""
    values, cumulative = RankedValues.sort(*level)
    parts = level.shape[1] // 2
    share = cumulative[-1] / parts
    chosen, times = np.unique(
        np.searchsorted(cumulative, (np.arange(parts) + 0.5) * share), return_counts=True
    )
    return np.stack([values[np.minimum(chosen, len(values) - 1)], times * share])
