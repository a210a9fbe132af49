"""SVHN, cropped: 32 x 32 colour images of house numbers from street views."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.byte_range import bad_file
from headrace.datasets.parsers.matlab import read_matlab
from headrace.datasets.parsers.parsed_source import ParsedRows, parsed_dataset
from headrace.datasets.parsers.records import FixedRecords, check_labels, image_schema, labelled_images

__all__ = ["SVHN_CROPPED"]

_SCHEMA = image_schema(32, 32, 3)
_URL = "http://ufldl.stanford.edu/housenumbers"  # the publisher has no https
_FILES = {  # sizes and sha256: tensorflow_datasets 4.9.10, datasets/svhn_cropped/checksums.tsv
    "train_32x32.mat": (182_040_794, "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8"),
    "test_32x32.mat": (64_275_384, "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b"),
    "extra_32x32.mat": (1_329_278_602, "a133a4beb38a00fcdda90c9489e0c04f900b660ce8a316a5e854838379a71eb3"),
}


def _read(split: str, folder: Path) -> Dataset:
    path = find_file(folder, f"{split}_32x32.mat")
    return parsed_dataset(_SCHEMA, (path,), partial(_open, path))


def _open(path: Path) -> ParsedRows:
    """Open X, uint8 [32, 32, 3, n], one image after the other, and y, [n, 1], where 10 is digit 0."""
    found = read_matlab(path)
    images, numbers = found.get("X"), found.get("y")
    if images is None or numbers is None or images.shape[:-1] != (32, 32, 3) or images.dtype != np.uint8:
        raise bad_file("expected an array X, uint8 [32, 32, 3, n], and an array y", str(path))
    labels = numbers.load().reshape(-1).astype(np.int64)
    if images.shape != (32, 32, 3, len(labels)):
        raise bad_file(
            f"expected {len(labels):,} images, as many as labels, got {images.shape[3]:,}", str(path)
        )
    check_labels(labels, 10, str(path), first=1)
    records = FixedRecords((images.data,), 32 * 32 * 3)
    return ParsedRows(len(labels), records.size, partial(_take, records, labels % 10))


def _take(records: FixedRecords, labels: np.ndarray, rows: np.ndarray) -> pa.RecordBatch:
    images = records.read(rows).reshape(-1, 3, 32, 32).transpose(0, 3, 2, 1)
    return labelled_images(_SCHEMA, images, labels[rows])


SVHN_CROPPED = DatasetBuilder(
    info=DatasetInfo(
        name="svhn_cropped",
        description="Digits of house numbers in colour, 32 x 32, in the publisher's order; `extra` has "
        "easier images. The digit 0, which is 10 in the files, has the label 0.",
        schema=_SCHEMA,
        label="label",
        class_names=tuple("0123456789"),
        sample_rows={},
        full_rows={"train": 73_257, "test": 26_032, "extra": 531_131},
        licence="non-commercial use only",
        source=_URL,
        citation="Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Y. Ng: Reading Digits in Natural "
        "Images with Unsupervised Feature Learning, NIPS Workshop, 2011",
        version="3.1.0",
    ),
    parse=_read,
    downloads=tuple(
        Download(
            "",
            name,
            f"sha256:{digest}",
            size,
            f"download {_URL}/{name} (it has no https), and pass its folder as mirror",
        )
        for name, (size, digest) in _FILES.items()
    ),
    parser_ran_on="generated archive",
)
