"""STL-10: 96 x 96 colour images of ten classes, few of them labelled."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.archive import TarFiles
from headrace.datasets.parsers.byte_range import bad_file
from headrace.datasets.parsers.parsed_source import ParsedRows, parsed_dataset
from headrace.datasets.parsers.records import FixedRecords, check_labels, image_schema, labelled_images

__all__ = ["STL10"]

_SCHEMA = image_schema(96, 96, 3)
_ARCHIVE = "stl10_binary.tar.gz"
_PARTS = {"train": "train", "test": "test", "unlabelled": "unlabeled"}


def _read(split: str, folder: Path) -> Dataset:
    path = find_file(folder, _ARCHIVE)
    return parsed_dataset(_SCHEMA, (path,), partial(_open, path, _PARTS[split]))


def _open(path: Path, part: str) -> ParsedRows:
    """Open images, uint8 [n, 3, 96, 96], rows and columns exchanged, and labels from 1; unlabelled: -1."""
    archive = TarFiles(path, rf"stl10_binary/{part}_[Xy]\.bin")
    images = archive.find(f"stl10_binary/{part}_X.bin")
    records = FixedRecords((images,), 96 * 96 * 3)
    labels = np.full(len(records), -1, np.int64)
    if part != "unlabeled":
        place = archive.find(f"stl10_binary/{part}_y.bin")
        numbers = np.frombuffer(place.read(), np.uint8)
        if len(numbers) != len(records):
            raise bad_file(
                f"expected {len(records):,} labels, as many as images, got {place.size:,}", place.path
            )
        check_labels(numbers, 10, place.path, first=1)
        labels = numbers.astype(np.int64) - 1
    return ParsedRows(len(records), records.size, partial(_take, records, labels))


def _take(records: FixedRecords, labels: np.ndarray, rows: np.ndarray) -> pa.RecordBatch:
    images = records.read(rows).reshape(-1, 3, 96, 96).transpose(0, 3, 2, 1)
    return labelled_images(_SCHEMA, images, labels[rows])


STL10 = DatasetBuilder(
    info=DatasetInfo(
        name="stl10",
        description="Colour images from ImageNet, 96 x 96, in the publisher's order: 500 labelled images a "
        "class for training, and 100,000 unlabelled ones, whose label is -1.",
        schema=_SCHEMA,
        label="label",
        class_names=(
            "airplane",
            "bird",
            "car",
            "cat",
            "deer",
            "dog",
            "horse",
            "monkey",
            "ship",
            "truck",
        ),
        sample_rows={},
        full_rows={"train": 5_000, "test": 8_000, "unlabelled": 100_000},
        licence="that of ImageNet: research and teaching",
        source="https://cs.stanford.edu/~acoates/stl10/",
        citation="A. Coates, H. Lee, A. Y. Ng: An Analysis of Single Layer Networks in Unsupervised Feature "
        "Learning, AISTATS, 2011",
    ),
    parse=_read,
    downloads=(  # size and sha256: tensorflow_datasets 4.9.10, datasets/stl10/checksums.tsv, which lists http
        Download(
            f"https://ai.stanford.edu/~acoates/stl10/{_ARCHIVE}",
            _ARCHIVE,
            "sha256:f31fd99273a1acb8609c8db427cebb1de3f71de77758cdc0e22956e1289b9866",
            2_640_397_119,
        ),
    ),
    parser_ran_on="generated archive",
)
