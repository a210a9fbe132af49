"""What the CSV sink writes, other readers and `from_csv` read back."""

import csv
import warnings

import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.data.sinks import write_csv


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        ([1, None, 3], pa.int64()),
        ([None, 0.5, None], pa.float64()),
        ([True, None], pa.bool_()),
        (["x", None, "", 'a "b"'], pa.string()),
        ([None], pa.int64()),
    ],
)
def test_a_one_column_file_with_missing_values_keeps_its_rows(tmp_path, values, type_):
    table = pa.table({"a": pa.array(values, type_)})
    write_csv(tmp_path / "a.csv", [*table.to_batches(), *table.to_batches()], table.schema)
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["a"]
    assert len(rows) == 1 + 2 * len(values)
    assert all(len(row) == 1 for row in rows)
    (batch,) = Dataset.from_csv(tmp_path / "a.csv", table.schema)
    expected = [value or "" for value in values] if pa.types.is_string(type_) else values
    assert batch["a"].to_pylist() == expected * 2


@pytest.mark.parametrize(
    "names", [("0", "1"), ("a;b", "2019"), ("", "1.5"), (" x", "a,b"), ('q"', "line\nbreak")]
)
@pytest.mark.parametrize("values", [[1, 2], ["x", "y"], [], ["01", "02"]])
def test_headers_are_read_back(tmp_path, names, values):
    table = pa.table({name: pa.array(values, pa.string() if not values else None) for name in names})
    write_csv(tmp_path / "a.csv", table.to_batches(), table.schema)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ds = Dataset.from_csv(tmp_path / "a.csv")
        assert pa.Table.from_batches(list(ds), ds.schema) == table
