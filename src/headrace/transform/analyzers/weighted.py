"""An analyzer over a column and, where it counts some rows for more than others, a column of weights."""

from __future__ import annotations

from headrace.errors import TraceError
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.tracing.column import Column, apply

__all__ = ["apply_weighted"]


def apply_weighted(analyzer: Analyzer, x: Column, weights: Column | None) -> Column:
    """The statistic of `x`, each row counted as often as its weight says.

    A row whose weight is NaN, infinite or not above 0 is left out.

    Raises:
        TraceError: The analyzer cannot take these columns, or weights are no column.
    """
    if weights is None:
        return apply(analyzer, x)
    if isinstance(weights, Column) and not weights.node.per_row:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TraceError("weights that are the same for every row", hint="give a column, or none")
    return apply(analyzer, x, weights)
