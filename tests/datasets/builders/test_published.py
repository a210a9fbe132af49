"""Every builder reads the files of its publisher: real ones, or generated ones with the same layout."""

import hashlib
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.columns import from_arrow
from headrace.data import Dataset
from headrace.datasets.find_builder import builders

from .published import PUBLISHED
from .published.published import FILES

ELSEWHERE = {"fashion_mnist", "housing", "movie_reviews"}  # with a sample in the package; tests of their own
every_dataset = pytest.mark.parametrize("name", sorted(PUBLISHED))


def list_rows(ds: Dataset) -> list[dict[str, Any]]:
    table = pa.Table.from_batches(list(ds), ds.schema)
    columns = [
        list(from_arrow(column.combine_chunks()))
        if isinstance(column.type, pa.FixedShapeTensorType)
        else column
        for column in table.columns
    ]
    values = [column if isinstance(column, list) else column.to_pylist() for column in columns]
    return [dict(zip(table.column_names, row, strict=True)) for row in zip(*values, strict=True)]


def sort_key(row: dict[str, Any]) -> str:
    return repr(
        {key: value.tobytes() if isinstance(value, np.ndarray) else value for key, value in row.items()}
    )


def assert_same(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    assert len(found) == len(expected)
    for row, right in zip(found, expected, strict=True):
        assert set(row) == set(right)
        for key, value in right.items():
            assert np.array_equal(row[key], value) if isinstance(value, np.ndarray) else row[key] == value, (
                key
            )


def test_no_builder_is_without_files() -> None:
    assert set(builders()) == {*PUBLISHED, *ELSEWHERE}
    assert all(builder.parser_ran_on for builder in builders().values() if builder.downloads)


@every_dataset
def test_the_rows_are_those_of_the_publisher(name: str, tmp_path: Path) -> None:
    builder, published = builders()[name], PUBLISHED[name]
    expected = published.write(tmp_path)
    assert set(expected) == set(builder.info.full_rows)
    for split, rows in expected.items():
        ds = builder.parse(split, tmp_path)
        found = list_rows(ds)
        assert ds.schema == builder.info.schema
        assert ds.num_rows == len(rows)
        if published.keeps_order:
            assert_same(found, rows)
        else:
            assert_same(sorted(found, key=sort_key), sorted(rows, key=sort_key))


@every_dataset
def test_rows_are_read_by_number_and_in_any_process(name: str, tmp_path: Path) -> None:
    builder = builders()[name]
    split = next(iter(PUBLISHED[name].write(tmp_path)))
    ds = builder.parse(split, tmp_path)
    whole = list_rows(ds)
    again = pickle.loads(pickle.dumps(ds))
    assert_same(list_rows(again.skip(len(whole) - 1)), whole[-1:])
    shuffled = list_rows(ds.shuffle(seed=1))
    assert_same(sorted(shuffled, key=sort_key), sorted(whole, key=sort_key))


@every_dataset
def test_the_downloads_are_what_is_read(name: str, tmp_path: Path) -> None:
    """A folder that holds nothing but the downloads is enough, and each of them is needed."""
    builder = builders()[name]
    PUBLISHED[name].write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {each.file_name for each in builder.downloads}


@every_dataset
def test_real_files_have_the_checksums_of_the_downloads(name: str) -> None:
    builder = builders()[name]
    for download in builder.downloads:
        assert download.algorithm == "sha256" or download.file_name.startswith("ILSVRC2012_devkit")
        real = FILES / download.file_name
        if real.exists():
            assert builder.parser_ran_on == "real file"
            data = real.read_bytes()
            assert (f"sha256:{hashlib.sha256(data).hexdigest()}", len(data)) == (
                download.checksum,
                download.size,
            )
