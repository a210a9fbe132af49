import json
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError


def cut(table, edges):
    batch = table.combine_chunks().to_batches()[0]
    return Dataset.from_arrow([batch.slice(a, b - a) for a, b in pairwise(edges)])


def windows_slowly(keys, size, shift, stride, horizon, drop_remainder):
    """The rows of each window and its target, row by row."""
    edges = [0, *(k for k in range(1, len(keys)) if keys[k] != keys[k - 1]), len(keys)]
    for first, end in pairwise(edges):
        for start in range(first, end, shift):
            rows = list(range(start, end, stride))[:size]
            target = start + (size - 1) * stride + horizon
            if not drop_remainder or (len(rows) == size and target < end):
                yield rows, target


@settings(deadline=None, max_examples=60)
@given(
    data=st.data(),
    rows=st.integers(1, 60),
    size=st.integers(1, 9),
    shift=st.integers(1, 12),
    stride=st.integers(1, 4),
    horizon=st.integers(0, 5),
    drop_remainder=st.booleans(),
)
def test_windows_are_those_of_the_definition_however_rows_are_cut_and_at_every_resume(
    data, rows, size, shift, stride, horizon, drop_remainder
):
    horizon = horizon if drop_remainder else 0
    keys = data.draw(st.lists(st.sampled_from([0, 1, None]), min_size=rows, max_size=rows))
    cuts = data.draw(st.lists(st.integers(0, rows), max_size=8))
    table = pa.table({"row": np.arange(rows), "key": pa.array(keys, pa.int64())})
    ds = cut(table, [0, *sorted(cuts), rows])
    key = data.draw(st.sampled_from([None, "key"]))
    ds = ds.window(size, shift, stride=stride, horizon=horizon, drop_remainder=drop_remainder, key=key)
    expected = list(windows_slowly(keys if key else [0] * rows, size, shift, stride, horizon, drop_remainder))
    found = [row for batch in ds for row in batch.to_pylist()]
    assert [row["row"] for row in found] == [row for row, _ in expected]
    assert ds.num_rows in (None, len(found))
    if horizon:
        assert [row["row_target"] for row in found] == [target for _, target in expected]
    if key:
        assert [row["key"] for row in found] == [keys[row[0]] for row, _ in expected]
    running, whole = iter(ds), list(ds)
    for position in range(len(whole) + 1):
        resumed = iter(ds)
        resumed.load_state_dict(json.loads(json.dumps(running.state_dict())))
        assert list(resumed) == whole[position:]
        next(running, None)


def test_columns_become_lists_vectors_tensors_and_keys_stay_values():
    columns = {
        "t": np.arange(6, dtype=np.float32),
        "pair": np.arange(12).reshape(6, 2),
        "image": np.arange(36, dtype=np.uint8).reshape(6, 2, 3),
        "name": list("abcdef"),
        "words": [["x"] * k for k in range(6)],
        "sensor": list("uuuvvv"),
    }
    ds = Dataset.from_arrays(columns).window(2, key="sensor")
    (batch,) = list(ds)
    assert ds.schema == batch.schema
    assert [str(batch[name].type) for name in ("t", "name", "words", "sensor")] == [
        "fixed_size_list<item: float>[2]", "fixed_size_list<item: string>[2]",
        "fixed_size_list<item: list<item: string>>[2]", "string",
    ]  # fmt: skip
    assert batch["pair"].to_numpy_ndarray().tolist()[2] == [[6, 7], [8, 9]]
    assert batch["image"].to_numpy_ndarray().shape == (4, 2, 2, 3)
    assert batch["name"].to_pylist() == [["a", "b"], ["b", "c"], ["d", "e"], ["e", "f"]]
    assert batch["sensor"].to_pylist() == ["u", "u", "v", "v"]


def test_windows_are_shuffled_batched_and_converted_to_tensors():
    series = {"x": np.arange(50.0), "y": np.arange(50)}
    ds = Dataset.from_arrays(series).window(8, horizon=3, targets="y").shuffle(0).batch(10)
    batches = list(ds.to_torch())
    assert [tuple(batch["x"].shape) for batch in batches] == [(10, 8)] * 4
    assert all((batch["x"][:, -1] + 3 == batch["y_target"]).all() for batch in batches)


def test_an_output_batch_holds_some_megabytes_however_long_the_windows():
    ds = Dataset.from_arrays({"x": np.zeros((3000, 100))}).window(1000)
    rows = [batch.num_rows for batch in ds]
    assert sum(rows) == 2001
    assert max(rows) * 1000 * 800 <= 4 << 20


def test_wrong_arguments_are_refused():
    ds = Dataset.from_arrays({"x": np.arange(9), "x_target": np.arange(9)})
    with pytest.raises(UsageError, match="windows of fewer than `size` rows have no target"):
        ds.window(3, horizon=1, drop_remainder=False)
    with pytest.raises(UsageError, match="shift is 0; pass 1 or more"):
        ds.window(3, 0)
    with pytest.raises(SchemaError, match="'y': the data lack this column"):
        next(iter(ds.window(3, key="y")))
    with pytest.raises(SchemaError, match="'x_target': window adds a column of this name"):
        next(iter(ds.window(3, horizon=1, targets="x")))
