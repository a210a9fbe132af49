"""Statistics of whole columns, one file a family."""

from headrace.transform.analyzers.extrema import max, min  # noqa: A004 - TF Transform's names
from headrace.transform.analyzers.keyed import per_key
from headrace.transform.analyzers.moments import (
    mean,
    size,
    standard_deviation,
    sum,  # noqa: A004
    var,
)
from headrace.transform.analyzers.quantiles import quantiles
from headrace.transform.analyzers.vocabulary import vocabulary

__all__ = [
    "max",
    "mean",
    "min",
    "per_key",
    "quantiles",
    "size",
    "standard_deviation",
    "sum",
    "var",
    "vocabulary",
]
