"""Covariance matrix and principal components of rows of numbers.

Rows with a missing value (NaN) are ignored, and rows whose weight is NaN, infinite or not above 0. The
covariances of a place with infinite values are NaN, and then all principal components are. Without rows, all
results are NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.analyzers.numeric_input import as_exact_floats, check_weights, read_numbers
from headrace.transform.analyzers.weighted import apply_weighted
from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.graph.state_bytes import Packed
from headrace.transform.tracing.column import Column

__all__ = ["covariance", "pca"]

_EXPONENT = 600


class Scatter(NamedTuple):
    """The total weight of the rows, their mean [d], and the sum of w * (x - mean)(x - mean)' [d, d].

    Attributes:
        weight: The total weight.
        mean: The mean of each place times 2**exponent.
        products: The sum of products, each times 2**(the sum of the exponents of its two places).
        exponent: int64 [d]: 0, -600 where products would overflow, 600 where they would underflow.
    """

    weight: np.ndarray
    mean: np.ndarray
    products: np.ndarray
    exponent: np.ndarray

    @classmethod
    def of_no_rows(cls, size: int) -> Scatter:
        """Return the sums of no rows of a length."""
        return cls(np.zeros(()), np.zeros(size), np.zeros((size, size)), np.zeros(size, np.int64))

    def scale(self, exponent: np.ndarray) -> Scatter:
        """Return the same sums with other exponents."""
        change = exponent - self.exponent
        products = np.ldexp(self.products, change[:, None] + change)
        return Scatter(self.weight, np.ldexp(self.mean, change), products, exponent)

    @property
    def is_zero(self) -> np.ndarray:
        """Where all values were 0, so that any exponent fits: bool [d]."""
        return (self.mean == 0) & (np.diagonal(self.products) == 0)


@dataclass(frozen=True)
class ScatterAccumulator(Accumulator):
    """Accumulator of `Scatter`, merged by the pairwise update of Chan, Golub and LeVeque (1979).

    The update does not suffer from cancellation. Products are computed by the linear algebra library, so the
    last bits may depend on how rows are split into batches: by about 1e-15 of the largest variance.
    """

    weighted: bool = False

    def empty(self) -> Scatter:
        return Scatter.of_no_rows(1)  # the first rows determine the size

    def update(self, state: Scatter, *values: Any) -> Scatter:
        weights = values[1] if self.weighted else None
        x, w, _ = read_numbers(values[0], weights, None, reduce_instance_dims=False)
        x = as_exact_floats(x)
        w = np.ones(len(x)) if w is None else w
        there = ~np.isnan(x).any(axis=1) & (w > 0) & np.isfinite(w)
        if not there.all():
            x, w = x[there], w[there]
        if not len(x):
            return self.merge(state, Scatter.of_no_rows(x.shape[1]))
        exponent = _find_exponents(x)
        x = np.ldexp(x, exponent) if exponent.any() else x
        center = w @ x / w.sum()
        distances = x - center
        return self.merge(state, Scatter(w.sum(), center, (distances * w[:, None]).T @ distances, exponent))

    def merge(self, first: Scatter, second: Scatter) -> Scatter:
        if not first.weight or not second.weight:
            return max(first, second, key=lambda each: (float(each.weight), len(each.mean)))
        if (first.exponent != second.exponent).any():
            exponent = np.minimum(first.exponent, second.exponent)  # the larger values decide
            exponent = np.where(first.is_zero, second.exponent, exponent)
            exponent = np.where(second.is_zero, first.exponent, exponent)
            first, second = first.scale(exponent), second.scale(exponent)
        weight = first.weight + second.weight
        share = second.weight / weight
        delta = second.mean - first.mean
        products = first.products + second.products + np.outer(delta, delta) * (first.weight * share)
        return Scatter(weight, first.mean + delta * share, products, first.exponent)

    def pack(self, state: Scatter) -> Sequence[Packed]:
        arrays = [np.asarray(each) for each in state]
        return arrays if state.exponent.any() else arrays[:3]

    def unpack(self, arrays: Sequence[Any]) -> Scatter:
        exponent = arrays[3] if len(arrays) > 3 else np.zeros(len(arrays[1]), np.int64)
        weight, mean, products = arrays[:3]
        state = Scatter(weight, mean, products, exponent)
        size = len(state.mean)
        if [each.shape for each in state] != [(), (size,), (size, size), (size,)] or not size:
            raise ValueError("expected a weight, a mean [d], products [d, d] and exponents [d]")
        if any(each.dtype != np.float64 for each in state[:3]) or not 0 <= state.weight < np.inf:
            raise ValueError("expected float64 with a finite weight")
        if exponent.dtype != np.int64 or not np.isin(exponent, (-_EXPONENT, 0, _EXPONENT)).all():
            raise ValueError(f"expected exponents of 0, {_EXPONENT} or {-_EXPONENT}")
        return state


def _find_exponents(x: np.ndarray) -> np.ndarray:
    """Choose the exponent of each place: int64 [d]."""
    largest = np.where(np.isfinite(x), np.abs(x), 0.0).max(axis=0)
    is_tiny = (largest < 2.0**-400) & (largest > 0)
    return np.where(largest > 2.0**400, -_EXPONENT, np.where(is_tiny, _EXPONENT, 0))


@dataclass(frozen=True)
class _RowStatistic(Analyzer, abstract=True):
    """A statistic of rows of fixed length."""

    @property
    def accumulator(self) -> Accumulator:
        return ScatterAccumulator(getattr(self, "weighted", False))

    def length(self, *types: ColumnType) -> int:
        """Check the columns and return the length of a row.

        Raises:
            TraceError: The first column does not hold rows of numbers, or the weights do not match it.
        """
        x = types[0]
        if x.is_string or x.ragged or len(x.shape) != 1:
            raise TraceError(
                f"{self.name} expects rows of numbers, got {x}", hint="make rows with concatenate"
            )
        for weights in types[1:]:
            check_weights(x, weights, reduce_instance_dims=False)
        return x.shape[0]


@dataclass(frozen=True)
class Covariance(_RowStatistic):
    """The population covariance of each pair of places: the mean of (x - mean)(x - mean)'."""

    name = "covariance"
    weighted: bool = field(default=False, repr=False)

    def infer(self, *types: ColumnType) -> ColumnType:
        return ColumnType("float64", (self.length(*types),) * 2)

    def result(self, state: Scatter) -> np.ndarray:
        if not state.weight:
            return np.full_like(state.products, np.nan)
        return np.ldexp(state.products / state.weight, -state.exponent[:, None] - state.exponent)


@dataclass(frozen=True)
class Pca(_RowStatistic):
    """The directions of largest variance, as columns."""

    name = "pca"
    output_dim: int
    weighted: bool = field(default=False, repr=False)

    def infer(self, *types: ColumnType) -> ColumnType:
        length = self.length(*types)
        if not 1 <= self.output_dim <= length:
            raise TraceError(
                f"expected 1 to {length} principal components, got {self.output_dim}",
                hint="choose output_dim in that range",
            )
        return ColumnType("float64", (length, self.output_dim))

    def result(self, state: Scatter) -> np.ndarray:
        size = len(state.mean)
        if not state.weight or not np.isfinite(state.products).all():
            return np.full((size, min(size, self.output_dim)), np.nan)
        state = state.scale(np.full(size, state.exponent.min()))
        _, vectors = np.linalg.eigh(state.products / state.weight)  # by increasing eigenvalue
        chosen = vectors[:, ::-1][:, : self.output_dim]
        leading = np.take_along_axis(chosen, np.abs(chosen).argmax(axis=0)[None], axis=0)
        return chosen * np.where(leading < 0, -1.0, 1.0)


def covariance(x: Column, *, weights: Column | None = None) -> Column:
    """Compute the population covariance matrix of a column of rows: float64 [d, d].

    It is sum(w * (x - mean)(x - mean)') / sum(w), with w = 1 without `weights`. Rows with NaN are ignored.

    Args:
        x: A column of numbers of shape [d].
        weights: Numbers, one per row.

    Raises:
        TraceError: `x` is not a column of rows, or `weights` are not one per row.
    """
    return apply_weighted(Covariance(weights is not None), x, weights)


def pca(x: Column, output_dim: int, *, weights: Column | None = None) -> Column:
    """Compute the first `output_dim` principal components of a column of rows: float64 [d, output_dim].

    They are the eigenvectors of the covariance matrix by decreasing eigenvalue, of length 1; the entry of
    largest magnitude is positive. As in TF Transform, the projection is the row times this matrix, without
    centring.

    Args:
        x: A column of numbers of shape [d].
        output_dim: The number of components, from 1 to d.
        weights: Numbers, one per row.

    Raises:
        TraceError: See `covariance`; or `output_dim` is out of range.
    """
    return apply_weighted(Pca(output_dim, weights is not None), x, weights)
