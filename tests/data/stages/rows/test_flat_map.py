import numpy as np
import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.errors import UsageError


@pytest.fixture
def ds():
    return Dataset.from_arrays({"x": np.arange(10)}).batch(4)


def values(ds):
    return [x for batch in ds for x in batch["x"].to_pylist()]


def test_the_function_returns_a_batch_or_yields_batches_of_any_number_of_rows(ds):
    assert values(ds.flat_map(lambda batch: batch.slice(1))) == [1, 2, 3, 5, 6, 7, 9]
    repeated = ds.flat_map(lambda batch: (batch.slice(k, 1) for k in range(2)))
    assert values(repeated) == [0, 1, 4, 5, 8, 9]
    assert values(ds.flat_map(lambda batch: [batch] * int(batch["x"][0].as_py() == 4))) == [4, 5, 6, 7]


def test_the_schema_is_that_of_the_first_batch_returned(ds):
    tokens = ds.flat_map(lambda _: pa.record_batch({"y": ["a", "b"]}))
    assert tokens.schema == pa.schema([("y", pa.string())])
    assert tokens.num_rows is None
    with pytest.raises(UsageError, match=r"expected at least one batch from .* to know its columns"):
        _ = ds.flat_map(lambda _: []).schema


@pytest.mark.parametrize("wrong", [None, 3, "text", [3], {"x": 1}, pa.table({"x": [1]})])
def test_anything_but_batches_is_refused(ds, wrong):
    with pytest.raises(UsageError, match=r"expected a pyarrow\.RecordBatch, or several, from "):
        list(ds.flat_map(lambda _: wrong))


def test_a_state_is_refused_if_the_function_does_something_else(ds):
    state = iter(ds.flat_map(lambda batch: [batch, batch])).state_dict()
    with pytest.raises(UsageError, match="the functions of the pipeline are not those"):
        iter(ds.flat_map(lambda batch: [batch])).load_state_dict(state)
