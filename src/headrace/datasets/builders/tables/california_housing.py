"""California housing as scikit-learn has it: eight numbers per district, and the median house value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder, find_file
from headrace.datasets.downloads import Download
from headrace.datasets.info import DatasetInfo
from headrace.datasets.parsers.archive import open_archive
from headrace.datasets.parsers.delimited import parse_delimited, shuffle_rows

__all__ = ["CALIFORNIA_HOUSING"]

_ARCHIVE, _FILE = "cal_housing.tgz", "CaliforniaHousing/cal_housing.data"
_FIELDS = (
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
_COLUMNS = (
    "MedInc",
    "HouseAge",
    "AveRooms",
    "AveBedrms",
    "Population",
    "AveOccup",
    "Latitude",
    "Longitude",
    "MedHouseVal",
)
_SCHEMA = pa.schema([pa.field(name, pa.float64(), nullable=False) for name in _COLUMNS])


def _read(split: str, folder: Path) -> Dataset:  # noqa: ARG001 - there is one split
    """Read the file, and divide what is counted per district by its households."""
    archive = open_archive(find_file(folder, _ARCHIVE), _FILE.replace(".", "[.]"))
    path = f"{archive.path}/{_FILE}"
    fields = pa.schema([pa.field(name, pa.float64(), nullable=False) for name in _FIELDS])
    table = parse_delimited(archive.read(_FILE), path, fields)
    x = {name: table[name].to_numpy() for name in _FIELDS}
    with np.errstate(divide="ignore", invalid="ignore"):
        per_household = [
            x[name] / x["households"] for name in ("total_rooms", "total_bedrooms", "population")
        ]
    columns = [
        x["median_income"],
        x["housing_median_age"],
        *per_household[:2],
        x["population"],
        per_household[2],
        x["latitude"],
        x["longitude"],
        x["median_house_value"] / 100_000,
    ]
    return shuffle_rows(pa.Table.from_arrays(list(map(pa.array, columns)), schema=_SCHEMA), seed=1997)


CALIFORNIA_HOUSING = DatasetBuilder(
    info=DatasetInfo(
        name="california_housing",
        description="20,640 districts of California in 1990, the columns of scikit-learn's "
        "fetch_california_housing: median income in 10,000 dollars, house age in years, rooms, bedrooms and "
        "people per household, place; the target is the median house value in 100,000 dollars. In one fixed "
        "random order: the file is sorted by place. `housing` has the plain counts, and the proximity to "
        "the ocean.",
        schema=_SCHEMA,
        label="MedHouseVal",
        class_names=(),
        sample_rows={},
        full_rows={"train": 20_640},
        licence="CC BY 4.0, as the deposit on Figshare states",
        source="https://www.dcc.fc.up.pt/~ltorgo/Regression/cal_housing.html",
        citation="R. K. Pace, R. Barry: Sparse Spatial Autoregressions, Statistics & Probability Letters, "
        "1997",
    ),
    parse=_read,
    downloads=(  # sha256: scikit-learn, sklearn/datasets/_california_housing.py; size: Figshare, file 5976036
        Download(
            "https://ndownloader.figshare.com/files/5976036",
            _ARCHIVE,
            "sha256:aaa5c9a6afe2225cc2aed2723682ae403280c4a3695a2ddda4ffb5d8215ea681",
            441_963,
        ),
    ),
    parser_ran_on="generated archive",
)
