"""Fit of Tukey's hh-distribution to a column by L-moments: location, scale, and tail parameters.

The model of the column is location + scale * T(z) for a Gaussian z, where T(z) = z * exp(h * z**2 / 2), with
h = hl below 0 and h = hr above. The L-moments of the distribution have closed forms: Headrick and Pant,
"Characterizing Tukey h and hh-Distributions through L-Moments and the L-Correlation", ISRN Applied
Mathematics (2012), doi:10.5402/2012/980153, which TF Transform also follows. The L-moments of the column are
those of Hosking, "L-moments: analysis and estimation of distributions using linear combinations of order
statistics", Journal of the Royal Statistical Society B 52 (1990). They are exact up to 32,768 values; above,
they are computed from the sketch of the quantiles, within the error bound of `RankSketch`. (TF Transform
averages the L-moments of batches.)

Missing values (NaN) are ignored, and values whose weight is NaN, infinite or not above 0. Without values, or
with an infinite value, all four parameters are NaN.
"""

from __future__ import annotations

import math
import weakref
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from headrace.columns import ColumnType
from headrace.transform.analyzers.numeric_input import infer_statistic_type
from headrace.transform.analyzers.quantiles import make_ranks_accumulator
from headrace.transform.analyzers.rank_sketch import RankedValues, RankSketch, WeightedRankSketch
from headrace.transform.analyzers.weighted import apply_weighted
from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.tracing.column import Column

__all__ = ["compute_l_moments", "fit_tukey", "tukey_h_params", "tukey_location", "tukey_scale"]

_STEPS = 60  # bisection steps, to full precision


class LMoments(NamedTuple):
    """The first two L-moments, and L-skewness and L-kurtosis (the third and fourth over the second)."""

    mean: float
    scale: float
    skewness: float
    kurtosis: float


class TukeyFit(NamedTuple):
    """The parameters of a distribution: location, scale, and h of the left and the right tail."""

    location: float
    scale: float
    left: float
    right: float


def compute_l_moments(ranked: RankedValues) -> LMoments:
    """Compute the L-moments of a sample from Hosking's unbiased probability-weighted moments b0 to b3.

    A value of weight w counts as w values. With fewer than four values, skewness and kurtosis are 0.
    """
    x, cumulative = ranked
    n = float(cumulative[-1])
    b0, b1, b2, b3 = (_weighted_moment(x, cumulative, order) for order in range(4))
    second = 2 * b1 - b0
    if n < 4 or not second > 0:
        return LMoments(b0, second if n >= 2 and second > 0 else 0.0, 0.0, 0.0)
    third, fourth = 6 * b2 - 6 * b1 + b0, 20 * b3 - 30 * b2 + 12 * b1 - b0
    return LMoments(b0, second, third / second, fourth / second)


def _weighted_moment(x: np.ndarray, cumulative: np.ndarray, order: int) -> float:
    """Compute the mean of C(j, order) / C(n - 1, order) * the value with j values before it."""
    n = cumulative[-1]
    # share = C(cumulative, order + 1) / C(n, order + 1); its differences are sums of C(j, order).
    share = np.ones(len(x))
    for k in range(order + 1):
        share = share * (cumulative - k) / (n - k if n > k else 1.0)
    return math.fsum(x * np.diff(share, prepend=0.0)) / (order + 1)


def fit_tukey(ranked: RankedValues) -> TukeyFit:
    """Fit the distribution whose L-moments are those of the sample, with tails no shorter than Gaussian.

    If no pair of tails matches the skewness, the fit matches the kurtosis, and one tail is Gaussian.
    """
    if not len(ranked.values) or not np.isfinite(ranked.values[[0, -1]]).all():
        return TukeyFit(math.nan, math.nan, math.nan, math.nan)
    exponent = np.frexp(np.abs(ranked.values[[0, -1]]).max())[1]  # sums of values up to 1 do not overflow
    sample = compute_l_moments(ranked._replace(values=np.ldexp(ranked.values, -exponent)))
    left, right = _solve_tails(abs(sample.skewness), sample.kurtosis)
    if sample.skewness < 0:
        left, right = right, left
    mean, unit = _mean_and_scale(left, right)
    scale = sample.scale / unit
    location = float(np.ldexp(sample.mean - scale * mean, exponent))
    return TukeyFit(location, float(np.ldexp(scale, exponent)) if scale > 0 else 1.0, left, right)


def _solve_tails(skewness: float, kurtosis: float) -> tuple[float, float]:
    """Solve for the parameters of the shorter and the longer tail, each in [0, 1)."""
    kurtosis = min(kurtosis, 1 - 1e-5)
    if kurtosis <= _kurtosis(0.0):
        return 0.0, 0.0
    same = 3 - 1 / math.sin(math.pi * (2 * kurtosis + 3) / 30)  # h of both tails if the skewness is 0

    def longer(short: float) -> float:
        share, part = _share(short), _share(short) * _kurtosis(short)

        def excess(long: float) -> float:  # of the kurtosis of both tails
            other = _share(long)
            return (part + other * _kurtosis(long)) / (share + other) - kurtosis

        return _find_root(excess, same, 1 - 1e-9)

    short = _find_root(lambda short: skewness - _mixed_skewness(short, longer(short)), 0.0, same)
    return short, longer(short)


def _find_root(increasing: Callable[[float], float], low: float, high: float) -> float:
    """Find the root of an increasing function by bisection; `low` or `high` if it is outside."""
    for _ in range(_STEPS):
        middle = (low + high) / 2
        before = low, high
        low, high = (middle, high) if increasing(middle) < 0 else (low, middle)
        if (low, high) == before:  # neighbours: nothing changes any more
            break
    return (low + high) / 2


# Contributions of one tail to the L-moments of T(z) = z * exp(h * z**2 / 2). Integration by parts against
# powers of 2 * Phi(z) - 1 leaves 1 / (1 - h), an arctangent and an arcsine.


def _share(h: float) -> float:
    """Compute the contribution of a tail to the second L-moment, times sqrt(2 * pi)."""
    return 1 / ((1 - h) * math.sqrt(2 - h))


def _skewness(h: float) -> float:
    s = math.sqrt(2 - h)
    return 6 / math.pi * math.atan(1 / s) - s / 2


def _kurtosis(h: float) -> float:
    return 15 / math.pi * math.asin(1 / (3 - h)) - 1.5


def _mixed_skewness(left: float, right: float) -> float:
    a, b = _share(left), _share(right)
    return (b * _skewness(right) - a * _skewness(left)) / (a + b)


def _mean_and_scale(left: float, right: float) -> tuple[float, float]:
    """Compute the first two L-moments of the distribution of location 0 and scale 1."""
    root = math.sqrt(2 * math.pi)
    return (1 / (1 - right) - 1 / (1 - left)) / root, (_share(left) + _share(right)) / root


_fits: dict[int, list[TukeyFit]] = {}  # by the id of a live stack


def _fit_stack(stack: np.ndarray) -> list[TukeyFit]:
    """Fit each state of a stack, once for all four parameters."""
    found = _fits.get(id(stack))
    if found is None:
        found = _fits[id(stack)] = [fit_tukey(state.ranked()) for state in stack]
        weakref.finalize(stack, _fits.pop, id(stack), None)
    return found


@dataclass(frozen=True)
class _Tukey(Analyzer, abstract=True):
    weighted: bool = field(default=False, repr=False)

    @property
    def accumulator(self) -> Accumulator:
        return make_ranks_accumulator(self.weighted)

    def infer(self, *types: ColumnType) -> ColumnType:
        return infer_statistic_type(self.name, types, reduce_instance_dims=True)

    def result(self, state: RankSketch | WeightedRankSketch) -> np.ndarray:
        return np.asarray(self.read(fit_tukey(state.ranked())))

    def results(self, stack: np.ndarray) -> np.ndarray:
        return np.array([self.read(each) for each in _fit_stack(stack)])

    @abstractmethod
    def read(self, found: TukeyFit) -> float: ...


class TukeyLocation(_Tukey):
    """The location: the value for z = 0."""

    name = "tukey_location"

    def read(self, found: TukeyFit) -> float:
        return found.location


class TukeyScale(_Tukey):
    """The scale: the factor of T(z)."""

    name = "tukey_scale"

    def read(self, found: TukeyFit) -> float:
        return found.scale


class TukeyLeft(_Tukey):
    """The parameter h of the tail below the location."""

    name = "tukey_left"

    def read(self, found: TukeyFit) -> float:
        return found.left


class TukeyRight(_Tukey):
    """The parameter h of the tail above the location."""

    name = "tukey_right"

    def read(self, found: TukeyFit) -> float:
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
