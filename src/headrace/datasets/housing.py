"""California housing: the median house value of a district, from nine columns of the 1990 census."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from headrace.data import Dataset
from headrace.data.random_order import random_order, random_source
from headrace.datasets.builder import Builder, locate, sample
from headrace.datasets.info import DatasetInfo

__all__ = ["HOUSING"]

_SEED = 1990  # of the order whose last fifth is the test split
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
    description="20,640 districts of California in 1990: place, age, rooms, people, income, and how near "
    "the ocean is (a string); total_bedrooms is missing in 207. The package holds all of it. One fixed "
    "random order is cut into four fifths `train` and one fifth `test`.",
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
    """A split of `housing.csv` as nine float64 columns and a string."""
    path = sample("housing.csv.gz") if data_dir is None else locate(data_dir, "housing.csv", "housing.csv.gz")
    table = pa.Table.from_batches(list(Dataset.from_csv(path, _SCHEMA)), _SCHEMA)
    order = random_order(table.num_rows, random_source(_SEED))
    held_out = table.num_rows // 5
    rows = order[:-held_out] if split == "train" else order[-held_out:]
    return Dataset.from_arrow(table.take(rows))


HOUSING = Builder(info=_INFO, read=_read)
