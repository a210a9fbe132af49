"""IMDB reviews: long film reviews, positive or negative."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.archive import Archive
from headrace.datasets.parsers.labelled_files import TEXT_SCHEMA, find_classes, read_labelled_files

__all__ = ["IMDB_REVIEWS"]

_ARCHIVE = "aclImdb_v1.tar.gz"
_CLASSES = ("neg", "pos")


def _read(split: str, folder: Path) -> Dataset:
    path = find_file(folder, _ARCHIVE)
    if split == "unsupervised":
        return read_labelled_files(path, r"aclImdb/train/unsup/\d+_0\.txt", _list_unlabelled, TEXT_SCHEMA)
    texts = rf"aclImdb/{split}/(?P<label>neg|pos)/\d+_\d+\.txt"
    return read_labelled_files(path, texts, find_classes(texts, _CLASSES), TEXT_SCHEMA)


def _list_unlabelled(archive: Archive) -> Sequence[tuple[str, int]]:
    return [(name, -1) for name in archive.names]


IMDB_REVIEWS = DatasetBuilder(
    info=DatasetInfo(
        name="imdb_reviews",
        description="Film reviews, half of them positive, with the HTML of their line breaks, <br />, in "
        "one fixed random order. No film is in both parts. The label of `unsupervised` is -1. For a "
        "validation part, load "
        '"test[:15000]" and "test[15000:]".',
        schema=TEXT_SCHEMA,
        label="label",
        class_names=_CLASSES,
        sample_rows={},
        full_rows={"train": 25_000, "test": 25_000, "unsupervised": 50_000},
        licence="not stated by the publisher; research",
        source="https://ai.stanford.edu/~amaas/data/sentiment/",
        citation="A. L. Maas, R. E. Daly, P. T. Pham, D. Huang, A. Y. Ng, C. Potts: Learning Word Vectors "
        "for Sentiment Analysis, ACL, 2011",
    ),
    parse=_read,
    downloads=(  # size, sha256: tensorflow_datasets 4.9.10, imdb_reviews/checksums.tsv, which lists http
        Download(
            f"https://ai.stanford.edu/~amaas/data/sentiment/{_ARCHIVE}",
            _ARCHIVE,
            "sha256:c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
            84_125_825,
        ),
    ),
    parser_ran_on="generated archive",
)
