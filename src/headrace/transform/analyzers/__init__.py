"""Statistics of whole columns, one file a family."""

from headrace.transform.analyzers.covariance import covariance, pca
from headrace.transform.analyzers.extrema import max, min  # noqa: A004 - TF Transform's names
from headrace.transform.analyzers.histogram import histogram
from headrace.transform.analyzers.moments import (
    mean,
    size,
    standard_deviation,
    sum,  # noqa: A004
    var,
)
from headrace.transform.analyzers.per_key import per_key
from headrace.transform.analyzers.quantiles import quantiles
from headrace.transform.analyzers.tukey import tukey_h_params, tukey_location, tukey_scale
from headrace.transform.analyzers.vocabulary import (
    approximate_vocabulary,
    count_per_key,
    document_frequencies,
    vocabulary,
    vocabulary_frequencies,
)

__all__ = [
    "approximate_vocabulary",
    "count_per_key",
    "covariance",
    "document_frequencies",
    "histogram",
    "max",
    "mean",
    "min",
    "pca",
    "per_key",
    "quantiles",
    "size",
    "standard_deviation",
    "sum",
    "tukey_h_params",
    "tukey_location",
    "tukey_scale",
    "var",
    "vocabulary",
    "vocabulary_frequencies",
]
