"""What the CSV sink writes, other readers and `from_csv` read back."""

import csv
import tempfile
import warnings

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.data import Dataset
from headrace.data.formats import open_dataset
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


@pytest.mark.parametrize("name", ["a.tsv", "a.tsv.gz"])
def test_a_tsv_file_is_divided_by_tabs(tmp_path, name):
    table = pa.table({"a": ["x\ty", "1,2"], "b": [1, 2]})
    write_csv(tmp_path / name, table.to_batches(), table.schema)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ds = open_dataset(str(tmp_path / name))
        assert pa.Table.from_batches(list(ds), ds.schema) == table
    if name.endswith(".tsv"):
        assert (tmp_path / name).read_text().splitlines()[0] == '"a"\t"b"'


CELLS = {
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.float64(): st.floats(allow_nan=False),
    pa.float32(): st.floats(allow_nan=False, width=32),
    pa.bool_(): st.booleans(),
    pa.string(): st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
}


@settings(max_examples=40)
@given(st.data())
def test_what_is_written_is_read_back_as_its_types(data):
    types = data.draw(st.lists(st.sampled_from(list(CELLS)), min_size=1, max_size=3))
    rows = data.draw(st.integers(0, 5))
    columns = [
        pa.array(data.draw(st.lists(st.none() | CELLS[each], min_size=rows, max_size=rows)), each)
        for each in types
    ]
    names = data.draw(st.lists(CELLS[pa.string()], min_size=len(types), max_size=len(types), unique=True))
    table = pa.table(columns, names=names)
    with tempfile.TemporaryDirectory() as folder:
        (path,) = write_csv(f"{folder}/a.csv", table.to_batches(), table.schema)
        found = pa.Table.from_batches(list(Dataset.from_csv(path, table.schema, header=True)), table.schema)
    for each, expected in zip(found.columns, table.columns, strict=True):
        is_text = pa.types.is_string(expected.type)
        assert each.to_pylist() == [value or "" if is_text else value for value in expected.to_pylist()]
