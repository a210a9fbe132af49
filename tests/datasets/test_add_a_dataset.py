"""Adding a dataset takes one file in a folder of datasets/builders that defines a `DatasetBuilder`."""

import re

import pytest

from headrace import datasets
from headrace.cli import main

PLANETS = '''
"""The planets of the solar system, with their distance from the sun."""

import pyarrow as pa

from headrace.data import Dataset
from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.info import DatasetInfo

_ROWS = {
    "train": {"name": ["Saturn", "Earth", "Mars", "Venus", "Neptune"], "au": [9.54, 1.0, 1.52, 0.72, 30.1]},
    "test": {"name": ["Uranus", "Mercury", "Jupiter"], "au": [19.2, 0.39, 5.2]},
}


def _read(split):
    return Dataset.from_arrays(_ROWS[split])


PLANETS = DatasetBuilder(
    DatasetInfo(
        name="planets",
        description="The eight planets and their mean distance from the sun in astronomical units.",
        schema=pa.schema([("name", pa.string()), ("au", pa.float64())]),
        label="au",
        class_names=(),
        sample_rows={"train": 5, "test": 3},
        full_rows={"train": 5, "test": 3},
        licence="public domain",
        source="https://ssd.jpl.nasa.gov",
        citation="NASA JPL, Solar System Dynamics",
    ),
    sample=_read,
)
'''


@pytest.fixture(autouse=True)
def planets(add_module) -> None:
    add_module("headrace.datasets.builders.tables", "planets", PLANETS)


def test_the_dataset_is_in_the_catalogue_and_loads() -> None:
    assert "planets" in datasets.list()
    assert datasets.load("planets", "train[:80%]").num_rows == 4


def test_the_command_line_lists_it(capsys) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["datasets", "list"])
    assert re.search(r"^planets +8  all ", capsys.readouterr().out, re.MULTILINE)
