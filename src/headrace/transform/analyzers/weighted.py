"""An analyzer over a column and, where it counts some rows for more than others, a column of weights."""

from __future__ import annotations

from headrace.transform.analyzer import Analyzer
from headrace.transform.column import Column, apply

__all__ = ["weighted"]


def weighted(analyzer: Analyzer, x: Column, weights: Column | None) -> Column:
    """The statistic of `x`, each row counted as often as its weight says.

    A row whose weight is NaN, infinite or not above 0 is left out.
    """
    return apply(analyzer, x) if weights is None else apply(analyzer, x, weights)
