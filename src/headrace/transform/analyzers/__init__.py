"""Statistics of whole columns, one file a family; importing this package registers every analyzer.

A new analyzer takes one new file in this folder: importing the package imports every file in it.
"""

from headrace import discovery
from headrace.transform.analyzers.counts import CountsAccumulator, counts_to_table
from headrace.transform.analyzers.covariance import covariance, pca
from headrace.transform.analyzers.extrema import ExtremaAccumulator, Max, Min, max, min  # noqa: A004 - TF Transform's names
from headrace.transform.analyzers.frequencies import (
    Frequencies,
    count_per_key,
    document_frequencies,
    vocabulary_frequencies,
)
from headrace.transform.analyzers.histogram import histogram
from headrace.transform.analyzers.integer_vocabulary import IntegerVocabulary
from headrace.transform.analyzers.moments import (
    Mean,
    MomentsAccumulator,
    Size,
    mean,
    mean_remainder,
    size,
    standard_deviation,
    sum,  # noqa: A004
    var,
)
from headrace.transform.analyzers.per_key import per_key
from headrace.transform.analyzers.quantiles import quantiles
from headrace.transform.analyzers.scoring import Scoring
from headrace.transform.analyzers.tukey import tukey_h_params, tukey_location, tukey_scale
from headrace.transform.analyzers.vocabulary import Vocabulary, approximate_vocabulary, vocabulary

__all__ = [
    "CountsAccumulator",
    "ExtremaAccumulator",
    "Frequencies",
    "IntegerVocabulary",
    "Max",
    "Mean",
    "Min",
    "MomentsAccumulator",
    "Scoring",
    "Size",
    "Vocabulary",
    "approximate_vocabulary",
    "count_per_key",
    "counts_to_table",
    "covariance",
    "document_frequencies",
    "histogram",
    "max",
    "mean",
    "mean_remainder",
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

discovery.import_modules(__name__)
