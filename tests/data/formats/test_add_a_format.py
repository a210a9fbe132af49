"""Adding a file format takes one file: a module of headrace.data.formats that defines a `Format`."""

import pyarrow as pa
import pytest

from headrace.cli import main
from headrace.data import Dataset
from headrace.data.formats import find_format, open_dataset

FEATHER = '''
"""Feather files: Arrow's own format, uncompressed."""

import pyarrow as pa
from pyarrow import feather

from headrace.data import Dataset
from headrace.data.formats import Format


def _read(path, schema):
    return Dataset.from_arrow(feather.read_table(path, columns=schema and schema.names))


def _write(batches, to):
    feather.write_feather(pa.Table.from_batches(batches, to.schema), to.path, "uncompressed")
    return [to.path]


FEATHER = Format(name="feather", extensions=(".feather", ".arrow"), read=_read, write=_write)
'''


@pytest.fixture(autouse=True)
def feather(add_module) -> None:
    add_module("headrace.data.formats", "feather", FEATHER)


def test_the_format_is_found_by_name_and_extension() -> None:
    assert find_format("rows.arrow").name == find_format("rows", "feather").name == "feather"


def test_the_command_line_converts_to_it_and_it_opens_as_a_dataset(tmp_path) -> None:
    (tmp_path / "rows.csv").write_text("x,word\n1,a\n2,b\n")
    with pytest.raises(SystemExit, match="0"):
        main(["records", "convert", str(tmp_path / "rows.csv"), str(tmp_path / "rows.feather")])
    table = pa.Table.from_batches(list(open_dataset(str(tmp_path / "rows.feather"))))
    assert table.to_pydict() == {"x": [1, 2], "word": ["a", "b"]}
    assert isinstance(open_dataset(str(tmp_path / "rows.feather")), Dataset)
