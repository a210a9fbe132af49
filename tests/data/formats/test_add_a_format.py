"""Adding a file format takes one file: a module of headrace.data.formats that defines a `Format`."""

import pyarrow as pa
import pytest

from headrace.cli import main
from headrace.data import Dataset
from headrace.data.formats import find_format, open_dataset

ORC = '''
"""ORC files."""

import pyarrow as pa
from pyarrow import orc

from headrace.data import sources
from headrace.data.formats import Format


def _open(origin):
    return sources.ArrowSource(orc.read_table(origin.path, columns=origin.columns and origin.columns.names))


def _write(batches, to):
    orc.write_table(pa.Table.from_batches(batches, to.schema), to.path)
    return [to.path]


ORC = Format(name="orc", extensions=(".orc",), open_source=_open, write=_write)
'''


@pytest.fixture(autouse=True)
def orc(add_module) -> None:
    add_module("headrace.data.formats", "orc", ORC)


def test_the_format_is_found_by_name_and_extension() -> None:
    assert find_format("rows.orc").name == find_format("rows", "orc").name == "orc"


def test_the_command_line_converts_to_it_and_it_opens_as_a_dataset(tmp_path) -> None:
    (tmp_path / "rows.csv").write_text("x,word\n1,a\n2,b\n")
    with pytest.raises(SystemExit, match="0"):
        main(["records", "convert", str(tmp_path / "rows.csv"), str(tmp_path / "rows.orc")])
    table = pa.Table.from_batches(list(open_dataset(str(tmp_path / "rows.orc"))))
    assert table.to_pydict() == {"x": [1, 2], "word": ["a", "b"]}
    assert isinstance(open_dataset(str(tmp_path / "rows.orc")), Dataset)
