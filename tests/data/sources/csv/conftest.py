import gzip

import pyarrow as pa
import pytest

from headrace.data import Dataset


@pytest.fixture
def csv(tmp_path):
    """Write a CSV file of text or bytes."""

    def write(text, name="a.csv"):
        path = tmp_path / name
        data = text if isinstance(text, bytes) else text.encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


@pytest.fixture
def table():
    """Read CSV files into a table."""

    def read(path, schema=None, **arguments):
        ds = Dataset.from_csv(path, schema, **arguments)
        return pa.Table.from_batches(list(ds), ds.schema)

    return read
