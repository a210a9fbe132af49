"""JSON documents are read as tables: arrays of objects, and objects over several lines."""

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.data import Dataset
from headrace.data.formats import open_dataset
from headrace.data.json_values import DocumentLines
from headrace.errors import SchemaError

VALUES = st.recursive(
    st.one_of(
        st.text('a"\\{}[],:\n \u2028é'), st.integers(-3, 3), st.floats(-1, 1), st.booleans(), st.none()
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('ab"\\[', max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)
ROWS = [{"age": 70.5, "name": 'a "b"\n[', "tags": ["x", "y"]}, {"age": None, "name": "", "tags": []}]


def write(folder: Path, text: str, name: str = "rows.json") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def rows(path: Path, **options: Any) -> list[dict[str, Any]]:
    return [row for batch in Dataset.from_json_lines(path, **options) for row in batch.to_pylist()]


@settings(max_examples=200, deadline=None)
@given(
    table=st.lists(st.fixed_dictionaries({"a": VALUES, "b": VALUES}), max_size=4),
    indent=st.sampled_from([None, 0, 4]),
    size=st.integers(1, 40),
    array=st.booleans(),
)
def test_an_array_is_the_lines_of_its_objects(table: Any, indent: int | None, size: int, array: bool) -> None:
    text = (
        json.dumps(table, indent=indent)
        if array
        else "\n".join(json.dumps(row, indent=indent) for row in table)
    )
    data, lines = text.encode(), DocumentLines("rows.json", array=array)
    parts = [lines.convert(data[start : start + size]) for start in range(0, len(data), size)]
    found = b"".join([*parts, lines.finish()]).split(b"\n")
    assert [json.loads(line) for line in found if line.strip()] == table


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_and_one_object_over_several_lines(tmp_path: Path, indent: int | None) -> None:
    assert rows(write(tmp_path, json.dumps(ROWS, indent=indent))) == ROWS
    assert rows(write(tmp_path, json.dumps(ROWS[0], indent=indent))) == ROWS[:1]
    packed = tmp_path / "rows.json.gz"
    packed.write_bytes(gzip.compress(("\ufeff" + json.dumps(ROWS, indent=indent)).encode()))
    assert [row for batch in open_dataset(str(packed)) for row in batch.to_pylist()] == ROWS
    lines = write(tmp_path, "".join(json.dumps(row) + "\n" for row in ROWS))
    assert rows(lines) == ROWS
    assert rows(write(tmp_path, "[]"), schema=pa.schema({"age": pa.float64()})) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"a": 1},]', "expected an object after the last comma"),
        ('[{"a": 1},, {"a": 2}]', "record 1: expected an object before a comma"),
        ('[{"a": 1}', "the file is cut: it ends inside an object or list"),
        ('[{"a": "x]', "the file is cut: it ends inside a string"),
        ('[{"a": 1}] {"a": 2}', "expected the end of the file after the array, got"),
        ('[{"a": 1} {"a": 2}]', "record 0: "),
        ('[{"a": 1},\n {"a": 2},\n {"a": "x"}]', "record 2: feature 'a': expected int64"),
        ("[1, 2]", "expected an object before a comma"),
        ("[1]", "record 0: "),
        ('{"a": 1,\n "a": 2}', "record 0: "),
        ('{"a":\n 1', "the file is cut"),
    ],
)
def test_a_damaged_document_is_refused_by_its_row(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        rows(write(tmp_path, text))
    assert message in str(caught.value)
    assert caught.value.path == str(tmp_path / "rows.json")
    assert "\n" not in str(caught.value)
