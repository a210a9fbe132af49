"""Error bounds of quantile sketches."""

from __future__ import annotations

import numpy as np

from headrace.transform.analyzers.rank_sketch import CAPACITY, WeightedRankSketch

RANDOM = np.random.default_rng(0)


def test_ranks_of_weighted_values_are_within_the_error_bound() -> None:
    n = 400_000
    values, weights = RANDOM.normal(size=n), RANDOM.exponential(size=n)
    sketches = [WeightedRankSketch() for _ in range(3)]
    for place, rows in enumerate(np.array_split(np.arange(n), 100)):
        sketches[place % 3].add(np.stack([values[rows], weights[rows]]))
    for other in sketches[1:]:
        sketches[0].merge(other)
    cuts = sketches[0].ranked().quantiles(100)
    order = np.argsort(values)
    upto = np.cumsum(weights[order])
    reached = upto[np.searchsorted(values[order], cuts)]
    error = np.abs(reached - np.arange(1, 100) * upto[-1] / 100).max()
    assert error <= upto[-1] * np.log2(n / CAPACITY) / CAPACITY + weights.max()
