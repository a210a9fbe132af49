"""California housing: the median house value of a district, from nine columns of the 1990 census."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file, sample_path
from headrace.datasets.info import DatasetInfo
from headrace.random_order import random_order, random_source

__all__ = ["HOUSING"]

_SEED = 1990  # for the row order; its last fifth is the test split
_NUMBERS = (
    "longitude",
    "latitude",
    "housing_median_age",
    "total_rooms",
    "total_bedrooms",
    "population",
    "households",
    "median_income",
    "median_house_value",
)
_SCHEMA = pa.schema([*((name, pa.float64()) for name in _NUMBERS), ("ocean_proximity", pa.string())])
_INFO = DatasetInfo(
    name="housing",
    description="20,640 districts of California in 1990: location, age, rooms, population, income, and "
    "proximity to the ocean (a string); total_bedrooms is missing in 207 rows. The package holds all rows, "
    "in one fixed random order: the first four fifths are `train`, the last fifth is `test`.",
    schema=_SCHEMA,
    label="median_house_value",
    class_names=(),
    sample_rows={"train": 16_512, "test": 4_128},
    full_rows={"train": 16_512, "test": 4_128},
    licence="public domain (1990 U.S. census)",
    source="https://www.dcc.fc.up.pt/~ltorgo/Regression/cal_housing.html, with ocean_proximity added later",
    citation="R. K. Pace, R. Barry: Sparse Spatial Autoregressions, Statistics & Probability Letters, 1997",
)


def _read(split: str, data_dir: Path | None) -> Dataset:
    """Read a split of `housing.csv`: nine float64 columns and one of strings."""
    path = _find_csv(data_dir)
    table = pa.Table.from_batches(list(Dataset.from_csv(path, _SCHEMA)), _SCHEMA)
    order = random_order(table.num_rows, random_source(_SEED))
    held_out = table.num_rows // 5
    rows = order[:-held_out] if split == "train" else order[-held_out:]
    return Dataset.from_arrow(table.take(rows))


def _find_csv(data_dir: Path | None) -> Path:
    if data_dir is None:
        return sample_path("housing.csv.gz")
    return find_file(data_dir, "housing.csv", "housing.csv.gz")


HOUSING = DatasetBuilder(
    info=_INFO, parse=_read, sample=partial(_read, data_dir=None), parser_ran_on="real file"
)
