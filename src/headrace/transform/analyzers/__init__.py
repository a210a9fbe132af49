"""Statistics of whole columns, one file a family."""

from headrace.transform.analyzers.extrema import max, min  # noqa: A004 - TF Transform's names
from headrace.transform.analyzers.moments import mean, size, var
from headrace.transform.analyzers.quantiles import quantiles
from headrace.transform.analyzers.vocabulary import vocabulary

__all__ = ["max", "mean", "min", "quantiles", "size", "var", "vocabulary"]
