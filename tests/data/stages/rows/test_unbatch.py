import numpy as np
import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.errors import SchemaError


def rows(ds):
    return [row for batch in ds for row in batch.to_pylist()]


@pytest.mark.parametrize("list_type", [pa.list_, pa.large_list])
def test_elements_become_rows_and_other_columns_are_repeated(list_type):
    columns = {"x": pa.array([[1, 2], [], None, [3]], list_type(pa.int8())), "y": list("abcd")}
    ds = Dataset.from_arrow(pa.table(columns).slice(0, 4)).unbatch("x")
    assert ds.schema == pa.schema([("x", pa.int8()), ("y", pa.string())])
    assert rows(ds) == [{"x": 1, "y": "a"}, {"x": 2, "y": "a"}, {"x": 3, "y": "d"}]


def test_lists_of_fixed_size_and_several_columns_are_flattened_together():
    columns = {"x": np.arange(6).reshape(3, 2), "y": [["a", "b"], ["c", "d"], ["e", "f"]]}
    ds = Dataset.from_arrays(columns).skip(1).unbatch(["y", "x"])
    assert rows(ds) == [{"x": x, "y": y} for x, y in zip(range(2, 6), "cdef", strict=True)]


def test_unbatch_undoes_a_window_without_overlap():
    ds = Dataset.from_arrays({"x": np.arange(10)})
    assert rows(ds.window(5, 5).unbatch("x")) == rows(ds)


def test_a_position_in_a_large_batch_is_read_on_from_the_rows_around_it():
    ds = Dataset.from_arrays({"x": np.arange(20_000).reshape(-1, 2)}).map(lambda batch: batch)
    running = iter(ds.unbatch("x"))
    sizes = [next(running).num_rows for _ in range(2)]
    assert sizes == [2 * 4096, 2 * 4096]
    resumed = iter(ds.unbatch("x"))
    resumed.load_state_dict(running.state_dict())
    assert rows(resumed) == [{"x": x} for x in range(4 * 4096, 20_000)] == rows(running)


def test_errors_name_the_column():
    ds = Dataset.from_arrays({"x": [[1], [2]], "y": [[1, 2], [3]], "z": [1, 2]})
    with pytest.raises(SchemaError, match="'y': expected lists as long as those of 'x'"):
        rows(ds.unbatch(["x", "y"]))
    with pytest.raises(SchemaError, match="'z': expected a column of lists, got Arrow type int64"):
        rows(ds.unbatch("z"))
