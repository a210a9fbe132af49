"""Application of an analyzer to a column and, optionally, a column of weights."""

from __future__ import annotations

from headrace.errors import TraceError
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.tracing.column import Column, apply

__all__ = ["apply_weighted"]


def apply_weighted(analyzer: Analyzer, x: Column, weights: Column | None) -> Column:
    """Apply an analyzer to `x`, with the weights if they are given.

    Rows whose weight is NaN, infinite or not above 0 are ignored.

    Raises:
        TraceError: The analyzer refuses the columns, or `weights` is not a column.
    """
    if weights is None:
        return apply(analyzer, x)
    if isinstance(weights, Column) and not weights.node.per_row:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TraceError("expected a column of weights, got one value for all rows", hint="omit weights")
    return apply(analyzer, x, weights)
