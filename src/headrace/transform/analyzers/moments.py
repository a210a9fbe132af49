"""Mean, variance, sum and the number of values.

What is missing (NaN) is left out, as is a row whose weight is NaN, infinite or not above 0. Infinite values
make sums and means infinite, or NaN if there are some of both signs, and variances NaN. Of no values, sums
and sizes are 0, the others NaN.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from headrace import _native
from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.analyzers.array_accumulator import ArrayAccumulator
from headrace.transform.analyzers.double_double import DoubleDouble
from headrace.transform.analyzers.numeric_input import statistic_type
from headrace.transform.analyzers.weighted import apply_weighted
from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.tracing.column import Column

__all__ = ["mean", "size", "standard_deviation", "sum", "var"]


class _Sums(NamedTuple):
    """What a state holds: sums over all values x of weight w (1 if there are no weights).

    Attributes:
        weight: The sum of w: without weights, the number of values.
        sum: The sum of w * x, finite values only.
        squares: The sum of w * x * x, finite values only; infinite if the values are beyond 1e154.
        infinities: The sum of infinite values: infinite, or NaN if there are some of both signs.
    """

    weight: DoubleDouble
    sum: DoubleDouble
    squares: DoubleDouble
    infinities: np.ndarray


def _sums(state: np.ndarray) -> _Sums:
    fields = np.moveaxis(state, -1, 0)
    weight, total, squares = (DoubleDouble(fields[i], fields[i + 1]) for i in (0, 2, 4))
    return _Sums(weight, total, squares, fields[6])


@dataclass(frozen=True)
class MomentsAccumulator(ArrayAccumulator):
    """Sums in twice the precision of float64, so that the result does not show how the rows were split.

    The squares keep all that float64 values say of their variance, however far they lie from 0: cancellation
    costs the square of what rounding the values themselves has cost.
    """

    initial = (0.0,) * 7

    def kernel(
        self, values: np.ndarray, codes: np.ndarray | None, groups: int, weights: np.ndarray | None
    ) -> np.ndarray:
        return _native.moments(values, codes, groups, weights)

    def merge(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        a, b = _sums(first), _sums(second)
        pairs = [x.add(y) for x, y in zip(a[:3], b[:3], strict=True)]
        return np.stack([*(part for pair in pairs for part in pair), a.infinities + b.infinities], axis=-1)


def _mean(sums: _Sums) -> np.ndarray:
    finite = sums.sum.divide(sums.weight).to_float64()
    return _where_any(sums, np.where(sums.infinities != 0, sums.infinities, finite))


def _variance(sums: _Sums) -> np.ndarray:
    center = sums.sum.divide(sums.weight)
    distances = sums.squares.add(sums.sum.multiply(center).negate())
    variance = np.maximum(distances.divide(sums.weight).to_float64(), 0.0)
    variance = np.where(np.isinf(sums.squares.high), np.inf, variance)
    return _where_any(sums, np.where(sums.infinities != 0, np.nan, variance))


def _where_any(sums: _Sums, statistic: np.ndarray) -> np.ndarray:
    return np.where(sums.weight.high > 0, statistic, np.nan)


@dataclass(frozen=True)
class _Moment(Analyzer, abstract=True):
    """A statistic of all values, of each place in a row, or of all values along some axes of a row.

    Attributes:
        reduce_instance_dims: True, False, or the axes, counted from the last, -1; they then have size 1.
        weighted: Whether a column of weights follows the values.
    """

    reduce_instance_dims: bool | tuple[int, ...] = True
    weighted: bool = field(default=False, repr=False)

    @property
    def accumulator(self) -> Accumulator:
        return MomentsAccumulator(self.reduce_instance_dims is True, self.weighted)

    def infer(self, *types: ColumnType) -> ColumnType:
        type_ = statistic_type(self.name, types, self.reduce_instance_dims is True)
        if isinstance(self.reduce_instance_dims, bool):
            return type_
        rank = len(type_.shape)
        if not all(-rank <= axis < 0 for axis in self.reduce_instance_dims):
            what = f"{self.name} along the axes {self.reduce_instance_dims} of {types[0]}"
            raise TraceError(what, hint=f"choose from -{rank} to -1")
        shape = (1 if axis - rank in self.reduce_instance_dims else n for axis, n in enumerate(type_.shape))
        return replace(type_, shape=tuple(shape))

    def results(self, stack: np.ndarray) -> np.ndarray:
        return self.result(stack)

    def result(self, state: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(self.read(_sums(self._reduced(state))))

    def _reduced(self, state: np.ndarray) -> np.ndarray:
        """The state with the places along the axes merged."""
        if state.ndim == 1 or isinstance(self.reduce_instance_dims, bool):
            return state
        for axis in self.reduce_instance_dims:
            state = np.moveaxis(state, axis - 1, 0)
            while len(state) > 1:
                half = len(state) // 2
                merged = MomentsAccumulator().merge(state[:half], state[half : 2 * half])
                state = np.concatenate([merged, state[2 * half :]])
            state = np.moveaxis(state, 0, axis - 1)
        return state

    @abstractmethod
    def read(self, sums: _Sums) -> np.ndarray: ...


class Mean(_Moment):
    """The arithmetic mean: the sum of w * x over the sum of w."""

    name = "mean"

    def read(self, sums: _Sums) -> np.ndarray:
        return _mean(sums)


class Variance(_Moment):
    """The population variance: the mean squared distance from the mean."""

    name = "var"

    def read(self, sums: _Sums) -> np.ndarray:
        return _variance(sums)


class StandardDeviation(_Moment):
    """The square root of the population variance."""

    name = "standard_deviation"

    def read(self, sums: _Sums) -> np.ndarray:
        return np.sqrt(_variance(sums))


class Sum(_Moment):
    """The sum of w * x."""

    name = "sum"

    def read(self, sums: _Sums) -> np.ndarray:
        return np.where(sums.infinities != 0, sums.infinities, sums.sum.to_float64())


class Size(_Moment):
    """How many values there are, or the sum of their weights."""

    name = "size"

    def read(self, sums: _Sums) -> np.ndarray:
        return sums.weight.to_float64()


def mean(
    x: Column, reduce_instance_dims: bool | tuple[int, ...] = True, *, weights: Column | None = None
) -> Column:
    """The mean of all values, NaN left out; one for each place in a row if not `reduce_instance_dims`.

    It is sum(w * x) / sum(w), with w = 1 if there are no `weights`. Given axes of a row instead, counted from
    the last, -1, the mean is of all values along them.

    Args:
        x: A column of numbers.
        reduce_instance_dims: Whether all values of a row are one column's; or axes.
        weights: Numbers, one a row or one a value.
    """
    return apply_weighted(Mean(reduce_instance_dims, weights is not None), x, weights)


def var(
    x: Column, reduce_instance_dims: bool | tuple[int, ...] = True, *, weights: Column | None = None
) -> Column:
    """The population variance of all values, NaN left out; as `numpy.nanvar`.

    It is sum(w * (x - mean)**2) / sum(w). Arguments as for `mean`.
    """
    return apply_weighted(Variance(reduce_instance_dims, weights is not None), x, weights)


def standard_deviation(
    x: Column, reduce_instance_dims: bool = True, *, weights: Column | None = None
) -> Column:
    """The population standard deviation, NaN left out; as `numpy.nanstd`.

    The square root of `var`. Arguments as for `mean`, axes left out.
    """
    return apply_weighted(StandardDeviation(reduce_instance_dims, weights is not None), x, weights)


def sum(x: Column, reduce_instance_dims: bool = True, *, weights: Column | None = None) -> Column:  # noqa: A001 - TF Transform's name
    """The sum of all values, NaN left out, rounded once; as `math.fsum`.

    With weights, sum(w * x). Arguments as for `mean`, axes left out.
    """
    return apply_weighted(Sum(reduce_instance_dims, weights is not None), x, weights)


def size(x: Column, reduce_instance_dims: bool = True, *, weights: Column | None = None) -> Column:
    """How many values there are, NaN left out; with weights, the sum of theirs.

    Arguments as for `mean`, axes left out.
    """
    return apply_weighted(Size(reduce_instance_dims, weights is not None), x, weights)
