"""Wine quality: wines of Portugal, measured and tasted."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.delimited import parse_delimited, shuffle_rows

__all__ = ["WINE_QUALITY", "WINE_QUALITY_RED", "WINE_QUALITY_WHITE"]

_URL = "https://archive.ics.uci.edu/ml/machine-learning-databases/wine-quality"
_NUMBERS = (
    "fixed acidity",
    "volatile acidity",
    "citric acid",
    "residual sugar",
    "chlorides",
    "free sulfur dioxide",
    "total sulfur dioxide",
    "density",
    "pH",
    "sulphates",
    "alcohol",
)
_SCHEMA = pa.schema(
    [
        *(pa.field(name, pa.float32(), nullable=False) for name in _NUMBERS),
        pa.field("quality", pa.int64(), nullable=False),
    ]
)


def _read(name: str, split: str, folder: Path) -> Dataset:  # noqa: ARG001 - there is one split
    path = find_file(folder, name)
    table = parse_delimited(path.read_bytes(), str(path), _SCHEMA, header=_SCHEMA.names, delimiter=";")
    return shuffle_rows(table, seed=2009)


def _make_builder(colour: str, rows: int, size: int, sha256: str) -> DatasetBuilder:
    name = f"winequality-{colour}.csv"
    return DatasetBuilder(
        info=DatasetInfo(
            name=f"wine_quality/{colour}",
            description=f"{rows:,} {colour} vinhos verdes: eleven measurements, and the quality that experts "
            "gave, from 0 (very bad) to 10. In one fixed random order.",
            schema=_SCHEMA,
            label="quality",
            class_names=(),
            sample_rows={},
            full_rows={"train": rows},
            licence="CC BY 4.0",
            source="https://archive.ics.uci.edu/dataset/186/wine+quality",
            citation="P. Cortez, A. Cerdeira, F. Almeida, T. Matos, J. Reis: Modeling Wine Preferences by "
            "Data Mining from Physicochemical Properties, Decision Support Systems 47(4), 2009",
        ),
        parse=partial(_read, name),
        downloads=(  # sha256: as Julia's UCIData and rustyml pin them; sizes: UCI's listing
            Download(f"{_URL}/{name}", name, f"sha256:{sha256}", size),
        ),
        parser_ran_on="real file",
    )


WINE_QUALITY_WHITE = _make_builder(
    "white", 4_898, 264_426, "76c3f809815c17c07212622f776311faeb31e87610d52c26d87d6e361b169836"
)
WINE_QUALITY = replace(WINE_QUALITY_WHITE, info=replace(WINE_QUALITY_WHITE.info, name="wine_quality"))
WINE_QUALITY_RED = _make_builder(
    "red", 1_599, 84_199, "4a402cf041b025d4566d954c3b9ba8635a3a8a01e039005d97d6a710278cf05e"
)
