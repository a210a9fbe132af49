"""Adding a source takes one file: a module of headrace.data.sources with a class that fulfils `Source`."""

import pyarrow as pa
import pytest
from pyarrow import orc

from headrace.data import Dataset
from headrace.data.sources import list_sources

ORC = '''
"""Read ORC files."""

from dataclasses import dataclass

from pyarrow import orc


@dataclass(frozen=True)
class OrcSource:
    """An ORC file, read stripe by stripe."""

    path: str

    @property
    def schema(self):
        """The schema of the file."""
        return orc.ORCFile(self.path).schema

    @property
    def num_rows(self):
        """The number of rows, from the footer of the file."""
        return orc.ORCFile(self.path).nrows

    def read(self):
        """Read one batch per stripe."""
        file = orc.ORCFile(self.path)
        for stripe in range(file.nstripes):
            yield file.read_stripe(stripe)
'''


@pytest.fixture
def source(add_module):
    return add_module("headrace.data.sources", "orc", ORC).OrcSource


def test_the_source_is_registered(source) -> None:
    assert source in list_sources()


def test_a_dataset_reads_from_it(source, tmp_path) -> None:
    table = pa.table({"x": range(100), "word": ["a", "b"] * 50})
    orc.write_table(table, tmp_path / "rows.orc")
    ds = Dataset(source(str(tmp_path / "rows.orc")))
    assert ds.schema == table.schema
    assert ds.num_rows == 100
    assert pa.Table.from_batches(list(ds.batch(30))) == table
    assert ds.parts is None
