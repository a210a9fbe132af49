"""Digits: 8 x 8 greyscale images of handwritten digits, the test part of a set of UCI."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.byte_range import bad_file
from headrace.datasets.parsers.delimited import parse_delimited
from headrace.datasets.parsers.records import check_labels, image_schema, labelled_images

__all__ = ["DIGITS"]

_SCHEMA = image_schema(8, 8, 1)
_FILE = "digits.csv.gz"
_FIELDS = pa.schema([(f"field_{number}", pa.uint8()) for number in range(65)])
_LIMIT = 16 << 20  # bytes of text


def _read(split: str, folder: Path) -> Dataset:  # noqa: ARG001 - there is one split
    path = find_file(folder, _FILE)
    try:
        with gzip.open(path) as file:
            data = file.read(_LIMIT + 1)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise bad_file(f"damaged gzip data ({error})", str(path)) from error
    if len(data) > _LIMIT:
        raise bad_file("more than 16 MiB of text", str(path))
    table = parse_delimited(data, str(path), _FIELDS)
    values = np.stack([column.to_numpy() for column in table.columns], axis=1)
    check_labels(values[:, 64], 10, str(path))
    images = values[:, :64].reshape(-1, 8, 8, 1)
    return Dataset.from_arrow(pa.Table.from_batches([labelled_images(_SCHEMA, images, values[:, 64])]))


DIGITS = DatasetBuilder(
    info=DatasetInfo(
        name="digits",
        description="Handwritten digits, 8 x 8, from 0 to 16, in the publisher's order.",
        schema=_SCHEMA,
        label="label",
        class_names=tuple("0123456789"),
        sample_rows={},
        full_rows={"train": 1_797},
        licence="CC BY 4.0",
        source="https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits, as "
        "scikit-learn ships it",
        citation="E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, UCI Machine Learning "
        "Repository, 1998",
    ),
    parse=_read,
    downloads=(  # size and sha256 of the file in the wheel of scikit-learn 1.7.2
        Download(
            f"https://raw.githubusercontent.com/scikit-learn/scikit-learn/1.7.2/sklearn/datasets/data/{_FILE}",
            _FILE,
            "sha256:09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22",
            57_523,
        ),
    ),
    parser_ran_on="real file",
)
