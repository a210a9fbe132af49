"""Titanic: the passengers, and who survived."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.delimited import parse_delimited, shuffle_rows

__all__ = ["TITANIC"]

_FILE = "phpMYEkMl.csv"
_TELLING = ("boat", "body")  # who survived
_SCHEMA = pa.schema(
    [
        pa.field("pclass", pa.int64(), nullable=False),
        pa.field("survived", pa.int64(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("sex", pa.string(), nullable=False),
        pa.field("age", pa.float32()),
        pa.field("sibsp", pa.int64(), nullable=False),
        pa.field("parch", pa.int64(), nullable=False),
        pa.field("ticket", pa.string(), nullable=False),
        pa.field("fare", pa.float32()),
        pa.field("cabin", pa.string()),
        pa.field("embarked", pa.string()),
        pa.field("boat", pa.string()),
        pa.field("body", pa.int64()),
        pa.field("home.dest", pa.string()),
    ]
)


def _read(split: str, folder: Path) -> Dataset:  # noqa: ARG001 - there is one split
    path = find_file(folder, _FILE)
    table = parse_delimited(path.read_bytes(), str(path), _SCHEMA, header=_SCHEMA.names, missing=("?",))
    return shuffle_rows(table, seed=1912)


TITANIC = DatasetBuilder(
    info=DatasetInfo(
        name="titanic",
        description="1,309 passengers: class, name, sex, age, relatives aboard (sibsp, parch), ticket, "
        "fare, cabin, port. `boat` and `body` tell who survived: `as_supervised` leaves them out. Missing "
        "values are null. In one fixed random order; the file is sorted by class.",
        schema=_SCHEMA,
        label="survived",
        class_names=("died", "survived"),
        sample_rows={},
        full_rows={"train": 1_309},
        licence="public, as OpenML states",
        source="https://www.openml.org/d/40945",
        citation="F. E. Harrell, T. Cason: Titanic Dataset, Vanderbilt University, 2002",
        version="4.0.0",
        inputs=tuple(name for name in _SCHEMA.names if name not in ("survived", *_TELLING)),
    ),
    parse=_read,
    downloads=(  # size and sha256: tensorflow_datasets 4.9.10, datasets/titanic/checksums.tsv
        Download(
            "https://www.openml.org/data/get_csv/16826755/phpMYEkMl",
            _FILE,
            "sha256:c617db2c7470716250f6f001be51304c76bcc8815527ab8bae734bdca0735737",
            117_743,
        ),
    ),
    parser_ran_on="real file",
)
