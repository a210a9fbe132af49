"""Iris: the flowers of R. A. Fisher."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from headrace.columns import to_arrow
from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.delimited import number_classes, parse_delimited, shuffle_rows

__all__ = ["IRIS"]

_NUMBERS = ("sepal_length", "sepal_width", "petal_length", "petal_width")
_FIELDS = pa.schema(
    [
        *(pa.field(name, pa.float32(), nullable=False) for name in _NUMBERS),
        pa.field("label", pa.string(), nullable=False),
    ]
)
_SCHEMA = pa.schema(
    [
        pa.field("features", pa.list_(pa.float32(), 4), nullable=False),
        pa.field("label", pa.int64(), nullable=False),
    ]
)
_CLASSES = ("Iris-setosa", "Iris-versicolor", "Iris-virginica")


def _read(split: str, folder: Path) -> Dataset:  # noqa: ARG001 - there is one split
    path = find_file(folder, "iris.data")
    table = parse_delimited(path.read_bytes(), str(path), _FIELDS)
    table = number_classes(table, "label", _CLASSES, str(path))
    features = to_arrow(np.stack([table[name].to_numpy() for name in _NUMBERS], axis=1))
    columns = [features, table["label"].combine_chunks()]
    return shuffle_rows(pa.Table.from_arrays(columns, schema=_SCHEMA), seed=1936)


IRIS = DatasetBuilder(
    info=DatasetInfo(
        name="iris",
        description="150 flowers of three species; `features` are the length and width of the sepals, then "
        "of the petals, in centimetres. In one fixed random order; the file is sorted by species. As UCI "
        "has it, two flowers differ from Fisher's paper.",
        schema=_SCHEMA,
        label="label",
        class_names=_CLASSES,
        sample_rows={},
        full_rows={"train": 150},
        licence="CC BY 4.0",
        source="https://archive.ics.uci.edu/dataset/53/iris",
        citation="R. A. Fisher: The Use of Multiple Measurements in Taxonomic Problems, Annals of Eugenics "
        "7, 1936",
        version="2.1.0",
    ),
    parse=_read,
    downloads=(  # size and sha256: tensorflow_datasets 4.9.10, url_checksums/iris.txt
        Download(
            "https://archive.ics.uci.edu/ml/machine-learning-databases/iris/iris.data",
            "iris.data",
            "sha256:6f608b71a7317216319b4d27b4d9bc84e6abd734eda7872b71a458569e2656c0",
            4_551,
        ),
    ),
    parser_ran_on="real file",
)
