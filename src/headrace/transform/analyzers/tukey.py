"""Fit of Tukey's hh-distribution to a column by L-moments: location, scale, and tail parameters.

The model of the column is location + scale * T(z) for a Gaussian z, where T(z) = z * exp(h * z**2 / 2), with
h = hl below 0 and h = hr above. The L-moments of the distribution have closed forms: Headrick and Pant,
"Characterizing Tukey h and hh-Distributions through L-Moments and the L-Correlation", ISRN Applied
Mathematics (2012), doi:10.5402/2012/980153, which TF Transform also follows. Those of the column
are in `l_moments`.

Missing values (NaN) are ignored, and values whose weight is NaN, infinite or not above 0. Without values, or
with an infinite value, all four parameters are NaN.
"""

from __future__ import annotations

import math
import weakref
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from headrace.columns import ColumnType
from headrace.transform.analyzers.l_moments import Samples, compute_l_moments
from headrace.transform.analyzers.numeric_input import infer_statistic_type
from headrace.transform.analyzers.quantiles import make_ranks_accumulator
from headrace.transform.analyzers.rank_sketch import RankedValues, RankSketch, WeightedRankSketch
from headrace.transform.analyzers.rank_stack import RankStack
from headrace.transform.analyzers.roots import find_roots
from headrace.transform.analyzers.weighted import apply_weighted
from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.tracing.column import Column

__all__ = ["fit_tukey", "tukey_h_params", "tukey_location", "tukey_scale"]


class TukeyFit(NamedTuple):
    """The parameters of distributions: location, scale, and h of the left and the right tail, [samples]."""

    location: np.ndarray
    scale: np.ndarray
    left: np.ndarray
    right: np.ndarray


def fit_tukey(samples: Samples) -> TukeyFit:
    """Fit the distributions whose L-moments are those of samples, with tails no shorter than Gaussian.

    If no pair of tails matches the skewness, the fit matches the kurtosis, and one tail is Gaussian. The fit
    of no values, or of infinite ones, is NaN.
    """
    lengths = np.diff(samples.splits)
    known = lengths > 0
    ends = np.array([samples.splits[:-1][known], samples.splits[1:][known] - 1])
    known[known] = np.isfinite(samples.ranked.values[ends]).all(axis=0)
    found = TukeyFit(*(np.full(len(lengths), np.nan) for _ in TukeyFit._fields))
    for all_fits, fits in zip(found, _fit_finite(samples.select(known)), strict=True):
        all_fits[known] = fits
    return found


def _fit_finite(samples: Samples) -> TukeyFit:
    (x, cumulative), splits = samples
    largest = np.maximum(np.abs(x[splits[:-1]]), np.abs(x[splits[1:] - 1]))
    exponent = np.frexp(largest)[1]  # sums of values up to 1 do not overflow
    scaled = np.ldexp(x, -np.repeat(exponent, np.diff(splits)))
    sample = compute_l_moments(Samples(RankedValues(scaled, cumulative), splits))
    short, long = _solve_tails(np.abs(sample.skewness), sample.kurtosis)
    is_left = sample.skewness < 0
    left, right = np.where(is_left, long, short), np.where(is_left, short, long)
    mean, unit = _mean_and_scale(left, right)
    scale = sample.scale / unit
    location = np.ldexp(sample.mean - scale * mean, exponent)
    return TukeyFit(location, np.where(scale > 0, np.ldexp(scale, exponent), 1.0), left, right)


def _solve_tails(skewness: np.ndarray, kurtosis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve for the parameters of the shorter and the longer tail, each in [0, 1)."""
    kurtosis = np.minimum(kurtosis, 1 - 1e-5)
    short, long = np.zeros(len(kurtosis)), np.zeros(len(kurtosis))
    heavy = np.flatnonzero(kurtosis > _kurtosis(np.zeros(1)))
    if not len(heavy):
        return short, long
    skewness, kurtosis = skewness[heavy], kurtosis[heavy]
    same = 3 - 1 / np.sin(math.pi * (2 * kurtosis + 3) / 30)  # h of both tails if the skewness is 0

    def solve_longer(shorter: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        share, part, goal = _share(shorter), _share(shorter) * _kurtosis(shorter), kurtosis[chosen]

        def excess(longer: np.ndarray, among: np.ndarray) -> np.ndarray:  # of the kurtosis of both tails
            other = _share(longer)
            return (part[among] + other * _kurtosis(longer)) / (share[among] + other) - goal[among]

        return find_roots(excess, same[chosen], np.full(len(chosen), 1 - 1e-9))

    def lacking(shorter: np.ndarray, chosen: np.ndarray) -> np.ndarray:  # of the skewness of both tails
        return skewness[chosen] - _mixed_skewness(shorter, solve_longer(shorter, chosen))

    short[heavy] = find_roots(lacking, np.zeros(len(heavy)), same)
    long[heavy] = solve_longer(short[heavy], np.arange(len(heavy)))
    return short, long


# Contributions of one tail to the L-moments of T(z) = z * exp(h * z**2 / 2). Integration by parts against
# powers of 2 * Phi(z) - 1 leaves 1 / (1 - h), an arctangent and an arcsine.


def _share(h: np.ndarray) -> np.ndarray:
    """Compute the contribution of a tail to the second L-moment, times sqrt(2 * pi)."""
    return 1 / ((1 - h) * np.sqrt(2 - h))


def _skewness(h: np.ndarray) -> np.ndarray:
    s = np.sqrt(2 - h)
    return 6 / math.pi * np.arctan(1 / s) - s / 2


def _kurtosis(h: np.ndarray) -> np.ndarray:
    return 15 / math.pi * np.arcsin(1 / (3 - h)) - 1.5


def _mixed_skewness(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    a, b = _share(left), _share(right)
    return (b * _skewness(right) - a * _skewness(left)) / (a + b)


def _mean_and_scale(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute the first two L-moments of the distributions of location 0 and scale 1."""
    root = math.sqrt(2 * math.pi)
    return (1 / (1 - right) - 1 / (1 - left)) / root, (_share(left) + _share(right)) / root


_fits: dict[int, TukeyFit] = {}  # by the id of a live stack


def _fit_stack(stack: np.ndarray | RankStack) -> TukeyFit:
    """Fit each state of a stack, once for all four parameters."""
    found = _fits.get(id(stack))
    if found is None:
        found = _fits[id(stack)] = fit_tukey(_list_samples(stack))
        weakref.finalize(stack, _fits.pop, id(stack), None)
    return found


def _list_samples(stack: np.ndarray | RankStack) -> Samples:
    if isinstance(stack, RankStack) and not stack.sketches:
        splits = stack.values.row_splits
        places = np.arange(splits[-1]) - np.repeat(splits[:-1], np.diff(splits))
        return Samples(RankedValues(stack.values.values, places + 1.0), splits)
    if isinstance(stack, RankStack):
        return Samples.join([stack.ranked(group) for group in range(len(stack))])
    return Samples.join([state.ranked() for state in stack])


@dataclass(frozen=True)
class _Tukey(Analyzer, abstract=True):
    weighted: bool = field(default=False, repr=False)

    @property
    def accumulator(self) -> Accumulator:
        return make_ranks_accumulator(self.weighted)

    def infer(self, *types: ColumnType) -> ColumnType:
        return infer_statistic_type(self.name, types, reduce_instance_dims=True)

    def has_infinite_values(self, state: RankSketch | WeightedRankSketch | RankStack) -> bool:
        if isinstance(state, RankStack):
            values = [state.values.values, *(each.ranked().values for each in state.sketches.values())]
            return any(bool(np.isinf(each).any()) for each in values)
        return bool(np.isinf(state.ranked().values).any())

    def result(self, state: RankSketch | WeightedRankSketch) -> np.ndarray:
        return np.asarray(self.read(fit_tukey(Samples.join([state.ranked()])))[0])

    def results(self, stack: Any) -> np.ndarray:
        return self.read(_fit_stack(stack))

    @abstractmethod
    def read(self, found: TukeyFit) -> np.ndarray: ...


class TukeyLocation(_Tukey):
    """The location: the value for z = 0."""

    name = "tukey_location"

    def read(self, found: TukeyFit) -> np.ndarray:
        return found.location


class TukeyScale(_Tukey):
    """The scale: the factor of T(z)."""

    name = "tukey_scale"

    def read(self, found: TukeyFit) -> np.ndarray:
        return found.scale


class TukeyLeft(_Tukey):
    """The parameter h of the tail below the location."""

    name = "tukey_left"

    def read(self, found: TukeyFit) -> np.ndarray:
        return found.left


class TukeyRight(_Tukey):
    """The parameter h of the tail above the location."""

    name = "tukey_right"

    def read(self, found: TukeyFit) -> np.ndarray:
        return found.right


def tukey_location(x: Column, *, weights: Column | None = None) -> Column:
    """Estimate the location of x over the data set: float64; NaN is ignored.

    The model is x = location + scale * z * exp(h * z**2 / 2) for a Gaussian z, fitted by L-moments (Headrick
    and Pant 2012). Without heavy tails, the location is the mean.

    Args:
        x: A column of numbers.
        weights: Numbers, one per row or value; see `mean`.
    """
    return apply_weighted(TukeyLocation(weights is not None), x, weights)


def tukey_scale(x: Column, *, weights: Column | None = None) -> Column:
    """Estimate the scale of x over the data set: float64; 1 if all values are equal. NaN is ignored.

    The model and the arguments are those of `tukey_location`.
    """
    return apply_weighted(TukeyScale(weights is not None), x, weights)


def tukey_h_params(x: Column, *, weights: Column | None = None) -> tuple[Column, Column]:
    """Estimate the parameters (hl, hr) of the tails below and above the location: float64 in [0, 1).

    The model and the arguments are those of `tukey_location`; 0 is the tail of a Gaussian.
    """
    left, right = TukeyLeft(weights is not None), TukeyRight(weights is not None)
    return apply_weighted(left, x, weights), apply_weighted(right, x, weights)
