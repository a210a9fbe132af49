import numpy as np
import pyarrow as pa
import pytest

from headrace.columns import from_arrow
from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError

LISTS = [[1, 2, 3], [], None, [4]]


def pad(lists, *arguments, type_=None, **options):
    ds = Dataset.from_arrow(pa.table({"x": pa.array(lists, type_)}))
    return next(iter(ds.pad("x", *arguments, **options)))


@pytest.mark.parametrize("type_", [pa.int8(), pa.uint64(), pa.float16(), pa.float32(), pa.float64()])
@pytest.mark.parametrize("list_type", [pa.list_, pa.large_list])
def test_lists_become_dense_rows_of_their_type(type_, list_type):
    batch = pad(LISTS, type_=list_type(type_), value=7)
    assert batch["x"].type == pa.list_(type_, 3)
    assert from_arrow(batch["x"]).tolist() == [[1, 2, 3], [7, 7, 7], [7, 7, 7], [4, 7, 7]]


@pytest.mark.parametrize("value", [2**53 + 1, -(2**63), np.int64(7)])
def test_large_integers_are_exact(value):
    assert pad([[1, 2], [3]], value=value)["x"].to_pylist() == [[1, 2], [3, value]]


def test_booleans_and_slices():
    batch = pad([[True, True], [False]], value=1)
    assert batch["x"].to_pylist() == [[True, True], [False, True]]
    ds = Dataset.from_arrow(pa.table({"x": pa.array([[9], [1, 2, 3], [4]])}).slice(1))
    assert next(iter(ds.pad("x")))["x"].to_pylist() == [[1, 2, 3], [4, 0, 0]]


def test_the_length_is_that_of_the_longest_list_of_each_batch_rounded_up():
    ds = Dataset.from_arrow(pa.table({"x": pa.array([[1], [1, 2], [1, 2, 3], []])})).batch(2)
    assert [batch["x"].type.list_size for batch in ds.pad("x")] == [2, 3]
    assert [batch["x"].type.list_size for batch in ds.pad("x", multiple_of=4)] == [4, 4]
    assert [batch["x"].type.list_size for batch in ds.pad("x", 5)] == [5, 5]
    assert next(iter(ds.take(0).batch(1).pad("x")), None) is None


def test_masks_and_lengths_are_columns_of_their_own():
    batch = pad(LISTS, 2, truncate=True, mask=True, lengths=True)
    assert batch.schema.names == ["x", "x_mask", "x_length"]
    assert batch["x"].to_pylist() == [[1, 2], [0, 0], [0, 0], [4, 0]]
    assert batch["x_mask"].to_pylist() == [[True, True], [False, False], [False, False], [True, False]]
    assert batch["x_length"].to_pylist() == [2, 0, 0, 1]


def test_other_columns_are_kept_and_tensors_are_dense():
    ds = Dataset.from_arrays({"x": [[1], [1, 2]], "y": np.arange(2), "z": [[1.5], []]})
    (tensors,) = ds.batch(2).pad(["x", "z"], value=-1).to_torch()
    assert {name: tensor.tolist() for name, tensor in tensors.items()} == {
        "x": [[1, -1], [1, 2]], "y": [0, 1], "z": [[1.5], [-1.0]],
    }  # fmt: skip


def test_errors_name_the_column_and_the_remedy():
    with pytest.raises(
        SchemaError, match="'x': expected lists of at most 2 values, got one of 3; pass truncate"
    ):
        pad(LISTS, 2)
    with pytest.raises(SchemaError, match="'x': -1 does not fit into uint8; pass a value of uint8"):
        pad(LISTS, type_=pa.list_(pa.uint8()), value=-1)
    with pytest.raises(SchemaError, match=r"'x': 0\.5 does not fit into int64"):
        pad(LISTS, value=0.5)
    with pytest.raises(SchemaError, match=r"'x': expected lists of numbers, got Arrow type list<"):
        pad([["a"]])
    with pytest.raises(SchemaError, match="'x': expected lists of numbers, got Arrow type int64"):
        pad([1, 2])
    with pytest.raises(SchemaError, match="'x': 1 missing values"):
        pad([[1, None]])
    with pytest.raises(SchemaError, match="'x_mask': a column of this name exists"):
        next(iter(Dataset.from_arrays({"x": [[1]], "x_mask": [1]}).pad("x", mask=True)))
    with pytest.raises(UsageError, match="value: expected a number, got True"):
        pad(LISTS, value=True)
    with pytest.raises(UsageError, match="length is 0; pass 1 or more"):
        pad(LISTS, 0)


@pytest.mark.parametrize("offsets", [[0, 3, 2, 5], [0, 1, 2, 900], [-4, 1, 2, 3], [2, 1, 0, -1]])
def test_offsets_outside_the_values_are_refused(offsets):
    memory = np.array([0, 1, 2, 5], np.int32)
    buffers = [None, pa.py_buffer(memory)]
    lists = pa.Array.from_buffers(pa.list_(pa.int64()), 3, buffers, children=[pa.array(range(5))])
    batch = pa.record_batch({"x": lists})
    memory[:] = offsets  # after the checks of Arrow
    ds = Dataset(OneBatch(batch))
    with pytest.raises(SchemaError, match="'x': the offsets of lists lie outside their values"):
        list(ds.pad("x", 8))


class OneBatch:
    def __init__(self, batch):
        self.batch, self.schema, self.num_rows = batch, batch.schema, batch.num_rows

    def read(self):
        yield self.batch
