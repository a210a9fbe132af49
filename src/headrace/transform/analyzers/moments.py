"""Mean, variance, standard deviation, sum and size of a column.

Missing values (NaN) are ignored, and rows whose weight is NaN, infinite or not above 0. Infinite values make
sums and means infinite, or NaN if both signs occur, and variances NaN. Without values, sums and sizes are 0,
all others NaN.
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
from headrace.transform.analyzers.numeric_input import infer_statistic_type
from headrace.transform.analyzers.weighted import apply_weighted
from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.tracing.column import Column

__all__ = ["mean", "size", "standard_deviation", "sum", "var"]


class _Sums(NamedTuple):
    """The fields of a state: sums over all values x of weight w (1 without weights).

    Attributes:
        weight: The sum of w; without weights, the number of values.
        sum: The sum of w * x over finite values.
        squares: The sum of w * x * x over finite values; infinite if values are beyond 1e154.
        infinities: The sum of the infinite values: 0, infinite, or NaN if both signs occur.
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
    """Sums in twice the precision of float64, so that results do not depend on how rows are split.

    The squares keep the variance of float64 values accurate however far from 0 they are: the relative error
    of cancellation is about the square of the rounding error of the values.
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
    """A statistic of all values, of each place of a row, or along some axes of a row.

    Attributes:
        reduce_instance_dims: True, False, or negative axes of a row to reduce to size 1.
        weighted: A column of weights follows the values.
    """

    reduce_instance_dims: bool | tuple[int, ...] = True
    weighted: bool = field(default=False, repr=False)

    @property
    def accumulator(self) -> Accumulator:
        return MomentsAccumulator(self.reduce_instance_dims is True, self.weighted)

    def infer(self, *types: ColumnType) -> ColumnType:
        type_ = infer_statistic_type(self.name, types, self.reduce_instance_dims is True)
        if isinstance(self.reduce_instance_dims, bool):
            return type_
        rank = len(type_.shape)
        if not all(-rank <= axis < 0 for axis in self.reduce_instance_dims):
            what = f"{self.name} expects axes from -{rank} to -1, got {self.reduce_instance_dims}"
            raise TraceError(what, hint="count the axes of a row from the last, -1")
        shape = (1 if axis - rank in self.reduce_instance_dims else n for axis, n in enumerate(type_.shape))
        return replace(type_, shape=tuple(shape))

    def results(self, stack: np.ndarray) -> np.ndarray:
        return self.result(stack)

    def result(self, state: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(self.read(_sums(self._reduce_axes(state))))

    def _reduce_axes(self, state: np.ndarray) -> np.ndarray:
        """Merge the places of the state along the axes."""
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
    """The number of values, or the sum of their weights."""

    name = "size"

    def read(self, sums: _Sums) -> np.ndarray:
        return sums.weight.to_float64()


def mean(
    x: Column, reduce_instance_dims: bool | tuple[int, ...] = True, *, weights: Column | None = None
) -> Column:
    """Compute the mean of x over the data set: float64; NaN is ignored.

    It is sum(w * x) / sum(w), with w = 1 without `weights`.

    Args:
        x: A column of numbers.
        reduce_instance_dims: Reduce over all values of a row. If False, each place of a row has its own mean.
            Negative axes of a row, such as (-1,), reduce over these axes, which keep size 1.
        weights: Numbers, one per row or value; rows without a positive, finite weight are ignored.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> batch = pa.record_batch({"x": [1.0, 2.0, 6.0]})
        >>> centred = hr.transform.analyze(lambda x: {"x": x["x"] - hr.transform.mean(x["x"])}, [batch])
        >>> centred(batch)["x"].to_pylist()
        [-2.0, -1.0, 3.0]
    """
    return apply_weighted(Mean(reduce_instance_dims, weights is not None), x, weights)


def var(
    x: Column, reduce_instance_dims: bool | tuple[int, ...] = True, *, weights: Column | None = None
) -> Column:
    """Compute the population variance of x over the data set: float64, as `numpy.nanvar`.

    It is sum(w * (x - mean)**2) / sum(w). The arguments are those of `mean`.
    """
    return apply_weighted(Variance(reduce_instance_dims, weights is not None), x, weights)


def standard_deviation(
    x: Column, reduce_instance_dims: bool = True, *, weights: Column | None = None
) -> Column:
    """Compute the population standard deviation of x over the data set: float64, as `numpy.nanstd`.

    It is the square root of `var`. The arguments are those of `mean`, without axes.
    """
    return apply_weighted(StandardDeviation(reduce_instance_dims, weights is not None), x, weights)


def sum(x: Column, reduce_instance_dims: bool = True, *, weights: Column | None = None) -> Column:  # noqa: A001 - TF Transform's name
    """Compute the sum of x over the data set: float64, rounded once as by `math.fsum`; NaN is ignored.

    With weights, it is sum(w * x). The arguments are those of `mean`, without axes.
    """
    return apply_weighted(Sum(reduce_instance_dims, weights is not None), x, weights)


def size(x: Column, reduce_instance_dims: bool = True, *, weights: Column | None = None) -> Column:
    """Count the values of x over the data set: float64; NaN is ignored.

    With weights, it is the sum of the weights. The arguments are those of `mean`, without axes.
    """
    return apply_weighted(Size(reduce_instance_dims, weights is not None), x, weights)
