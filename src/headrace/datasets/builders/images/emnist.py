"""EMNIST: handwritten digits and letters in the format of MNIST, in six variants."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.archive import open_archive
from headrace.datasets.parsers.idx import parse_idx
from headrace.datasets.parsers.idx_images import IDX_SCHEMA, idx_rows
from headrace.datasets.parsers.parsed_source import ParsedRows, parsed_dataset

__all__ = [
    "EMNIST",
    "EMNIST_BALANCED",
    "EMNIST_BYCLASS",
    "EMNIST_BYMERGE",
    "EMNIST_DIGITS",
    "EMNIST_LETTERS",
    "EMNIST_MNIST",
]

_ARCHIVE = "gzip.zip"
_DIGITS, _LETTERS = tuple(string.digits), tuple(string.ascii_uppercase)
_MERGED = (*_DIGITS, *_LETTERS, *"abdefghnqrt")  # lower-case letters that look unlike their capitals


def _read(variant: str, classes: int, split: str, folder: Path) -> Dataset:
    path = find_file(folder, _ARCHIVE)
    return parsed_dataset(IDX_SCHEMA, (path,), partial(_open, path, f"emnist-{variant}-{split}", classes))


def _open(path: Path, prefix: str, classes: int) -> ParsedRows:
    archive = open_archive(path, rf"gzip/{prefix}-(images-idx3|labels-idx1)-ubyte\.gz")
    names = f"gzip/{prefix}-images-idx3-ubyte.gz", f"gzip/{prefix}-labels-idx1-ubyte.gz"
    images_path, labels_path = (f"{path}/{name}" for name in names)
    images = parse_idx(archive.read(names[0]), images_path, 3)
    labels = parse_idx(archive.read(names[1]), labels_path, 1)
    if classes == len(_LETTERS):  # only here, labels count from 1; 0 becomes 255 and is refused
        labels = labels - np.uint8(1)
    upright = images.transpose(0, 2, 1)  # the files hold each image with rows and columns exchanged
    return idx_rows(upright, labels, classes, images_path, labels_path)


def _make_builder(
    variant: str, content: str, classes: tuple[str, ...], rows: Mapping[str, int]
) -> DatasetBuilder:
    return DatasetBuilder(
        info=DatasetInfo(
            name=f"emnist/{variant}",
            description=f"{content} 28 x 28, from 0 (background) to 255 (ink), in the publisher's order. The "
            "images are upright, and labels count from 0: the files, and TensorFlow Datasets, have rows and "
            "columns exchanged, and the labels of `letters` from 1.",
            schema=IDX_SCHEMA,
            label="label",
            class_names=classes,
            sample_rows={},
            full_rows=rows,
            licence="public domain (NIST)",
            source="https://www.nist.gov/itl/products-and-services/emnist-dataset",
            citation="G. Cohen, S. Afshar, J. Tapson, A. van Schaik: EMNIST: an Extension of MNIST to "
            "Handwritten Letters, arXiv:1702.05373, 2017",
            version="3.1.0",
        ),
        parse=partial(_read, variant, len(classes)),
        downloads=(  # size and sha256: tensorflow_datasets 4.9.10, url_checksums/emnist.txt
            Download(
                "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",
                _ARCHIVE,
                "sha256:fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
                561_753_746,
            ),
        ),
        parser_ran_on="generated archive",
    )


_ALL = (*_DIGITS, *_LETTERS, *string.ascii_lowercase)
EMNIST_BYCLASS = _make_builder(
    "byclass", "Digits, capital and small letters,", _ALL, {"train": 697_932, "test": 116_323}
)
EMNIST = replace(EMNIST_BYCLASS, info=replace(EMNIST_BYCLASS.info, name="emnist"))
EMNIST_BYMERGE = _make_builder(
    "bymerge",
    "Digits and letters; small letters that look like their capitals are one class with them;",
    _MERGED,
    {"train": 697_932, "test": 116_323},
)
EMNIST_BALANCED = _make_builder(
    "balanced", "The classes of bymerge, equally many of each,", _MERGED, {"train": 112_800, "test": 18_800}
)
EMNIST_LETTERS = _make_builder(
    "letters", "Letters, small and capital in one class,", _LETTERS, {"train": 124_800, "test": 20_800}
)
EMNIST_DIGITS = _make_builder(
    "digits", "Digits, equally many of each,", _DIGITS, {"train": 240_000, "test": 40_000}
)
EMNIST_MNIST = _make_builder(
    "mnist", "Digits in the numbers of MNIST,", _DIGITS, {"train": 60_000, "test": 10_000}
)
