import numpy as np
import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError


@pytest.mark.parametrize("size", [1, 5, 37, 103, 200])
def test_batches_have_exactly_the_size_and_keep_the_order(numbered, rows_of, size):
    sizes = [batch.num_rows for batch in numbered.batch(size)]
    assert sizes[:-1] == [size] * (len(sizes) - 1)
    assert sum(sizes) == 103
    assert rows_of(numbered.batch(size)) == list(range(103))


def test_remainder_can_be_dropped(numbered):
    ds = numbered.batch(10, drop_remainder=True)
    assert [batch.num_rows for batch in ds] == [10] * 10
    assert ds.num_rows == 100


def test_a_batch_inside_an_input_batch_is_not_copied():
    table = pa.table({"x": np.arange(100)})
    address = table["x"].chunk(0).buffers()[1].address
    assert all(batch["x"].buffers()[1].address == address for batch in Dataset.from_arrow(table).batch(10))


def test_batches_of_another_schema_are_named():
    def rename_later(batch):
        return batch.rename_columns(["y"]) if batch["x"][0].as_py() else batch

    ds = Dataset.from_arrays({"x": [0, 1, 2, 3]}).batch(1).map(rename_later).batch(2)
    with pytest.raises(SchemaError, match="columns x and y"):
        list(ds)


def test_size_below_one_is_refused(numbered):
    with pytest.raises(UsageError, match="size is 0; pass 1 or more"):
        numbered.batch(0)
