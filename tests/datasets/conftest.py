from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest
from tests.datasets.publisher import Publisher, serve

from headrace.data import Dataset


def _read_table(ds: Dataset) -> pa.Table:
    return pa.Table.from_batches(list(ds), ds.schema)


@pytest.fixture
def table() -> Callable[[Dataset], pa.Table]:
    """A function that reads a dataset into a table."""
    return _read_table


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """A web server on this machine, without files yet."""
    with serve() as publisher:
        yield publisher
