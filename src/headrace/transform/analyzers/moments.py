"""Mean, variance, standard deviation, sum and size of a column.

Missing values (NaN) are ignored, and rows whose weight is NaN, infinite or not above 0. Infinite values make
sums and means infinite, or NaN if both signs occur, and variances NaN. Without values, sums and sizes are 0,
all others NaN.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.analyzers.array_accumulator import ArrayAccumulator
from headrace.transform.analyzers.moment_sums import FIELDS, MomentSums, add_up, join_sums, merge_sums
from headrace.transform.analyzers.numeric_input import infer_statistic_type
from headrace.transform.analyzers.weighted import apply_weighted
from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.graph.state_bytes import Packed
from headrace.transform.tracing.column import Column

_SHORT = 7  # fields before the origin and the exponent

__all__ = ["mean", "mean_remainder", "size", "standard_deviation", "sum", "var"]


@dataclass(frozen=True)
class MomentsAccumulator(ArrayAccumulator):
    """Sums in twice the precision of float64, so that results do not depend on how rows are split.

    The squares keep the variance accurate however far from 0 the values are: the relative error of
    cancellation is about the square of the rounding error of the values. See `moment_sums`.
    """

    initial = (0.0,) * FIELDS

    def kernel(
        self, values: np.ndarray, codes: np.ndarray | None, groups: int, weights: np.ndarray | None
    ) -> np.ndarray:
        return add_up(values, codes, groups, weights)

    def merge(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return merge_sums(first, second)

    def join_stacks(self, stacks: Sequence[np.ndarray], places: np.ndarray, groups: int) -> np.ndarray:
        joined = join_sums(stacks, places, groups)
        return super().join_stacks(stacks, places, groups) if joined is None else joined

    def pack(self, state: np.ndarray) -> Sequence[Packed]:
        """See `Accumulator.pack`; an origin and an exponent of 0 are left out."""
        return [state if state[..., _SHORT:].any() else state[..., :_SHORT]]

    def unpack(self, arrays: Sequence[Any]) -> np.ndarray:
        (state,) = arrays
        if state.shape[-1:] == (_SHORT,):
            state = np.concatenate([state, np.zeros((*state.shape[:-1], FIELDS - _SHORT))], axis=-1)
        state = super().unpack([state])
        if not np.isin(state[..., -1], (-600, 0, 600)).all():
            raise ValueError("expected an exponent of -600, 0 or 600")
        return state


def _where_any(sums: MomentSums, statistic: np.ndarray) -> np.ndarray:
    return np.where(sums.weight.high > 0, statistic, np.nan)


def _where_finite(sums: MomentSums, statistic: np.ndarray) -> np.ndarray:
    return _where_any(sums, np.where(sums.infinities != 0, np.nan, statistic))


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

    def has_infinite_values(self, state: np.ndarray) -> bool:
        return bool((MomentSums.from_state(state).infinities != 0).any())

    def results(self, stack: np.ndarray) -> np.ndarray:
        return self.result(stack)

    def result(self, state: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(self.read(MomentSums.from_state(self._reduce_axes(state))))

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
    def read(self, sums: MomentSums) -> np.ndarray: ...


class Mean(_Moment):
    """The arithmetic mean: the sum of w * x over the sum of w."""

    name = "mean"

    def read(self, sums: MomentSums) -> np.ndarray:
        found = sums.exact_mean().to_float64()
        return _where_any(sums, np.where(sums.infinities != 0, sums.infinities, found))


class MeanRemainder(_Moment):
    """What a mean beyond 2**31 lacks because it is rounded to float64; 0 for smaller means."""

    name = "mean_remainder"
    is_correction = True

    def read(self, sums: MomentSums) -> np.ndarray:
        exact = sums.exact_mean()
        matters = np.isfinite(exact.high) & (sums.infinities == 0) & (np.abs(exact.high) > 2**31)
        return np.where(matters, exact.low, 0.0)


class Variance(_Moment):
    """The population variance: the mean squared distance from the mean."""

    name = "var"

    def read(self, sums: MomentSums) -> np.ndarray:
        return _where_finite(sums, np.ldexp(sums.scaled_variance(), -2 * sums.exponent))


class StandardDeviation(_Moment):
    """The square root of the population variance."""

    name = "standard_deviation"

    def read(self, sums: MomentSums) -> np.ndarray:
        return _where_finite(sums, np.ldexp(np.sqrt(sums.scaled_variance()), -sums.exponent))


class Sum(_Moment):
    """The sum of w * x."""

    name = "sum"

    def read(self, sums: MomentSums) -> np.ndarray:
        return np.where(sums.infinities != 0, sums.infinities, sums.exact_total().to_float64())


class Size(_Moment):
    """The number of values, or the sum of their weights."""

    name = "size"

    def read(self, sums: MomentSums) -> np.ndarray:
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


def mean_remainder(x: Column, reduce_instance_dims: bool | tuple[int, ...] = True) -> Column:
    """Compute the exact mean minus `mean(x)`, for integers beyond 2**53: float64, see `MeanRemainder`."""
    return apply_weighted(MeanRemainder(reduce_instance_dims), x, None)


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
