"""A catalogue of datasets, each with a sample that ships with the package.

>>> from headrace import datasets
>>> datasets.list()
['fashion_mnist', 'housing', 'movie_reviews']
>>> datasets.load("fashion_mnist", "train[:80%]").num_rows
9600
"""

from __future__ import annotations

from headrace.datasets.catalogue import info, load, prepare
from headrace.datasets.catalogue import names as list  # noqa: A004 - the public name, used as datasets.list()
from headrace.datasets.info import DatasetInfo
from headrace.datasets.splits import Split, even_splits, k_fold

__all__ = ["DatasetInfo", "Split", "even_splits", "info", "k_fold", "list", "load", "prepare"]
