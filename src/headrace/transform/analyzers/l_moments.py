"""L-moments of many samples at once.

They are those of Hosking, "L-moments: analysis and estimation of distributions using linear combinations of
order statistics", Journal of the Royal Statistical Society B 52 (1990). They are exact up to 32,768 values;
above, they are computed from the sketch of the quantiles, within the error bound of `RankSketch`. (TF
Transform averages the L-moments of batches.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from headrace.columns import Ragged, take_rows
from headrace.transform.analyzers.rank_sketch import RankedValues

__all__ = ["LMoments", "Samples", "compute_l_moments"]


class LMoments(NamedTuple):
    """The first two L-moments, and the third and fourth over the second, [samples]."""

    mean: np.ndarray
    scale: np.ndarray
    skewness: np.ndarray
    kurtosis: np.ndarray


class Samples(NamedTuple):
    """Samples that lie end to end.

    Attributes:
        ranked: The values of all samples, sorted within each, with the cumulative weights within each.
        splits: Where each sample starts, and the end, [samples + 1].
    """

    ranked: RankedValues
    splits: np.ndarray

    @classmethod
    def join(cls, samples: Sequence[RankedValues]) -> Samples:
        """Lay samples end to end."""
        values = np.concatenate([np.empty(0), *(each.values for each in samples)])
        cumulative = np.concatenate([np.empty(0), *(each.cumulative for each in samples)])
        return cls(RankedValues(values, cumulative), np.cumsum([0, *(len(each.values) for each in samples)]))

    def select(self, chosen: np.ndarray) -> Samples:
        """Return the samples where a mask holds."""
        values, splits = take_rows(Ragged(self.ranked.values, self.splits), np.flatnonzero(chosen))
        cumulative, _ = take_rows(Ragged(self.ranked.cumulative, self.splits), np.flatnonzero(chosen))
        return Samples(RankedValues(values, cumulative), splits)


def compute_l_moments(samples: Samples) -> LMoments:
    """Compute the L-moments of samples from Hosking's unbiased probability-weighted moments b0 to b3.

    No sample is empty. A value of weight w counts as w values. With fewer than four values, skewness and
    kurtosis are 0.
    """
    n = np.asarray(samples.ranked.cumulative[samples.splits[1:] - 1], np.float64)
    b0, b1, b2, b3 = (_weighted_moments(samples, n, order) for order in range(4))
    second = 2 * b1 - b0
    second = np.where((n >= 2) & (second > 0), second, 0.0)
    third, fourth = 6 * b2 - 6 * b1 + b0, 20 * b3 - 30 * b2 + 12 * b1 - b0
    has_shape = (n >= 4) & (second > 0)
    divisor = np.where(has_shape, second, 1.0)
    return LMoments(b0, second, *(np.where(has_shape, each / divisor, 0.0) for each in (third, fourth)))


def _weighted_moments(samples: Samples, n: np.ndarray, order: int) -> np.ndarray:
    """Compute the mean of C(j, order) / C(n - 1, order) * the value with j values before it."""
    (x, cumulative), splits = samples
    sizes = np.repeat(n, np.diff(splits))
    # share = C(cumulative, order + 1) / C(n, order + 1); its differences are sums of C(j, order).
    share = np.ones(len(x))
    for k in range(order + 1):
        share = share * (cumulative - k) / np.where(sizes > k, sizes - k, 1.0)
    differences = np.diff(share, prepend=0.0)
    differences[splits[:-1]] = share[splits[:-1]]
    terms = (x * differences).tolist()
    sums = [math.fsum(terms[first:last]) for first, last in pairwise(splits.tolist())]
    return np.array(sums, np.float64) / (order + 1)
