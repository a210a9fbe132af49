"""A catalogue of datasets, some with a sample that ships with the package.

>>> from headrace import datasets
>>> [name for name in datasets.list() if datasets.info(name).sample_rows]
['fashion_mnist', 'housing', 'movie_reviews']
>>> datasets.load("fashion_mnist", "train[:80%]").num_rows
9600
"""

from __future__ import annotations

from headrace.datasets.catalogue import add, info, load
from headrace.datasets.catalogue import names as list  # noqa: A004 - the public name, used as datasets.list()
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.named_folders import named_folders
from headrace.datasets.prepare import prepare
from headrace.datasets.splits import Split, even_splits, k_fold
from headrace.datasets.status import DatasetStatus, list_statuses, status
from headrace.datasets.user_builders import builder
from headrace.datasets.verify import VerificationReport, verify

__all__ = [
    "DatasetInfo",
    "DatasetStatus",
    "Download",
    "Split",
    "VerificationReport",
    "add",
    "builder",
    "even_splits",
    "info",
    "k_fold",
    "list",
    "list_statuses",
    "load",
    "named_folders",
    "prepare",
    "status",
    "verify",
]
