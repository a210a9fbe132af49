"""Breast cancer, Wisconsin: cells of tumours, malignant or benign."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.byte_range import bad_file
from headrace.datasets.parsers.delimited import parse_delimited, shuffle_rows

__all__ = ["BREAST_CANCER"]

_FILE = "breast_cancer.csv"
_FIRST_LINE = b"569,30,malignant,benign"
_MEASURES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)
_NUMBERS = (
    *(f"mean {name}" for name in _MEASURES),
    *(f"{name} error" for name in _MEASURES),
    *(f"worst {name}" for name in _MEASURES),
)
_SCHEMA = pa.schema(
    [
        *(pa.field(name, pa.float64(), nullable=False) for name in _NUMBERS),
        pa.field("target", pa.int64(), nullable=False),
    ]
)


def _read(split: str, folder: Path) -> Dataset:  # noqa: ARG001 - there is one split
    path = find_file(folder, _FILE)
    data = path.read_bytes()
    if not data.startswith(_FIRST_LINE):
        raise bad_file(f"expected the first line {_FIRST_LINE.decode()}", str(path))
    return shuffle_rows(parse_delimited(data, str(path), _SCHEMA, skip_lines=1), seed=1995)


BREAST_CANCER = DatasetBuilder(
    info=DatasetInfo(
        name="breast_cancer",
        description="569 tumours: thirty measurements of cell nuclei, the mean, error and worst of each; "
        "the columns of scikit-learn's load_breast_cancer. In one fixed random order.",
        schema=_SCHEMA,
        label="target",
        class_names=("malignant", "benign"),
        sample_rows={},
        full_rows={"train": 569},
        licence="CC BY 4.0",
        source="https://archive.ics.uci.edu/dataset/17/breast+cancer+wisconsin+diagnostic, as scikit-learn "
        "ships it",
        citation="W. Wolberg, O. Mangasarian, N. Street, W. Street: Breast Cancer Wisconsin (Diagnostic), "
        "UCI Machine Learning Repository, 1995",
    ),
    parse=_read,
    downloads=(  # size and sha256 of the file in the wheel of scikit-learn 1.7.2
        Download(
            f"https://raw.githubusercontent.com/scikit-learn/scikit-learn/1.7.2/sklearn/datasets/data/{_FILE}",
            _FILE,
            "sha256:fed3eb72d0575ef6192293f5093c6e801b1476b577d0386bf4455504522172ed",
            119_913,
        ),
    ),
    parser_ran_on="real file",
)
