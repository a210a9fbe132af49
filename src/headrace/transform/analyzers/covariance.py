"""How the places of a row vary together.

A row with something missing (NaN) is left out, as is one whose weight is NaN, infinite or not above 0. The
covariances of a place with infinite values are NaN, and so are then all principal components. Of no rows, all
is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.analyzers.numeric_input import check_weights, read_numbers
from headrace.transform.analyzers.weighted import apply_weighted
from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.graph.state_bytes import Packed
from headrace.transform.tracing.column import Column

__all__ = ["covariance", "pca"]


class Scatter(NamedTuple):
    """The weight of all rows, their mean [d], and the sum of w * (x - mean)(x - mean)' [d, d]."""

    weight: np.ndarray
    mean: np.ndarray
    products: np.ndarray


@dataclass(frozen=True)
class ScatterAccumulator(Accumulator):
    """Merges by the pairwise update of Chan, Golub and LeVeque (1979), which does not cancel.

    Rows with a NaN are left out. Products go through the linear algebra library, so the last bits may depend
    on how the rows were split: by some 1e-15 of the largest variance.
    """

    weighted: bool = False

    def empty(self) -> Scatter:
        return Scatter(np.zeros(()), np.zeros(1), np.zeros((1, 1)))  # rows tell how long they are

    def update(self, state: Scatter, *values: Any) -> Scatter:
        weights = values[1] if self.weighted else None
        x, w, _ = read_numbers(values[0], weights, None, reduce_instance_dims=False)
        x = x.astype(np.float64, copy=False)
        w = np.ones(len(x)) if w is None else w
        there = ~np.isnan(x).any(axis=1) & (w > 0) & np.isfinite(w)
        if not there.all():
            x, w = x[there], w[there]
        if not len(x):
            size = x.shape[1]
            return self.merge(state, Scatter(np.zeros(()), np.zeros(size), np.zeros((size, size))))
        center = w @ x / w.sum()
        distances = x - center
        return self.merge(state, Scatter(w.sum(), center, (distances * w[:, None]).T @ distances))

    def merge(self, first: Scatter, second: Scatter) -> Scatter:
        if not first.weight or not second.weight:
            return max(first, second, key=lambda each: (float(each.weight), len(each.mean)))
        weight = first.weight + second.weight
        share = second.weight / weight
        delta = second.mean - first.mean
        products = first.products + second.products + np.outer(delta, delta) * (first.weight * share)
        return Scatter(weight, first.mean + delta * share, products)

    def pack(self, state: Scatter) -> Sequence[Packed]:
        return [np.asarray(each) for each in state]

    def unpack(self, arrays: Sequence[Any]) -> Scatter:
        state = Scatter(*arrays)
        size = len(state.mean)
        if [each.shape for each in state] != [(), (size,), (size, size)] or not size:
            raise ValueError("shapes that do not fit")
        if any(each.dtype != np.float64 for each in state) or not 0 <= state.weight < np.inf:
            raise ValueError("no weight")
        return state


@dataclass(frozen=True)
class _OfRows(Analyzer, abstract=True):
    """A statistic of rows of fixed length."""

    @property
    def accumulator(self) -> Accumulator:
        return ScatterAccumulator(getattr(self, "weighted", False))

    def length(self, *types: ColumnType) -> int:
        """The row's length, or `TraceError`."""
        x = types[0]
        if x.is_string or x.ragged or len(x.shape) != 1:
            raise TraceError(f"{self.name} of {x}", hint="make rows of numbers with concatenate")
        for weights in types[1:]:
            check_weights(x, weights, reduce_instance_dims=False)
        return x.shape[0]


@dataclass(frozen=True)
class Covariance(_OfRows):
    """The mean of (x - mean)(x - mean)': the population covariance of each two places."""

    name = "covariance"
    weighted: bool = field(default=False, repr=False)

    def infer(self, *types: ColumnType) -> ColumnType:
        return ColumnType("float64", (self.length(*types),) * 2)

    def result(self, state: Scatter) -> np.ndarray:
        return state.products / state.weight if state.weight else np.full_like(state.products, np.nan)


@dataclass(frozen=True)
class Pca(_OfRows):
    """The directions along which rows vary most, as columns."""

    name = "pca"
    output_dim: int
    weighted: bool = field(default=False, repr=False)

    def infer(self, *types: ColumnType) -> ColumnType:
        length = self.length(*types)
        if not 1 <= self.output_dim <= length:
            raise TraceError(f"{self.output_dim} directions of {length}", hint="ask for fewer")
        return ColumnType("float64", (length, self.output_dim))

    def result(self, state: Scatter) -> np.ndarray:
        size = len(state.mean)
        if not state.weight or not np.isfinite(state.products).all():
            return np.full((size, min(size, self.output_dim)), np.nan)
        _, vectors = np.linalg.eigh(state.products / state.weight)  # by rising eigenvalue
        chosen = vectors[:, ::-1][:, : self.output_dim]
        leading = np.take_along_axis(chosen, np.abs(chosen).argmax(axis=0)[None], axis=0)
        return chosen * np.where(leading < 0, -1.0, 1.0)


def covariance(x: Column, *, weights: Column | None = None) -> Column:
    """The population covariance matrix of a column of rows [d]: float64 [d, d]; no rows with NaN.

    It is sum(w * (x - mean)(x - mean)') / sum(w), with w = 1 if there are no `weights`, which are one a row.
    """
    return apply_weighted(Covariance(weights is not None), x, weights)


def pca(x: Column, output_dim: int, *, weights: Column | None = None) -> Column:
    """The `output_dim` principal components of a column of rows [d]: float64 [d, output_dim].

    They are the eigenvectors of the covariance matrix by falling eigenvalue, each of length 1, its entry of
    the largest size positive. As in TF Transform, the projection is the row times this matrix, not centred.

    `weights` as for `covariance`.
    """
    return apply_weighted(Pca(output_dim, weights is not None), x, weights)
