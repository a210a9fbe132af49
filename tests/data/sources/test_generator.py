from collections import namedtuple

import numpy as np
import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError


def rows_of(ds: Dataset) -> list[dict]:
    return [row for batch in ds for row in batch.to_pylist()]


def test_dicts_become_rows_and_missing_keys_are_null() -> None:
    rows = [{"n": 1, "words": ["a"]}, {"n": None}, {"words": []}]
    ds = Dataset.from_generator(lambda: iter(rows))
    assert ds.schema == pa.schema({"n": pa.int64(), "words": pa.list_(pa.string())})
    assert rows_of(ds) == [{"n": 1, "words": ["a"]}, {"n": None, "words": None}, {"n": None, "words": []}]
    assert ds.num_rows is None


def test_the_function_is_called_anew_for_each_epoch() -> None:
    calls = []

    def read():
        calls.append(len(calls))
        yield {"call": len(calls)}

    ds = Dataset.from_generator(read, pa.schema({"call": pa.int64()}))
    assert [rows_of(ds.epoch(epoch)) for epoch in range(3)] == [[{"call": call}] for call in (1, 2, 3)]


def test_tuples_have_the_columns_of_the_schema_or_of_their_fields() -> None:
    schema = pa.schema({"x": pa.float32(), "y": pa.string()})
    assert rows_of(Dataset.from_generator(lambda: [(1, "a")], schema)) == [{"x": 1.0, "y": "a"}]
    assert rows_of(Dataset.from_generator(lambda: [(1, "a")])) == [{"column_0": 1, "column_1": "a"}]
    point = namedtuple("point", "x y")
    assert rows_of(Dataset.from_generator(lambda: [point(1, 2)])) == [{"x": 1, "y": 2}]
    with pytest.raises(SchemaError, match=r"record 1: expected a tuple of 2 values, x, y, got 3"):
        rows_of(Dataset.from_generator(lambda: [(1, "a"), (1, "a", 2)], schema))


def test_arrays_become_lists_and_tensors() -> None:
    ds = Dataset.from_generator(
        lambda: [{"image": np.full((2, 3), n, np.uint8), "v": np.arange(n)} for n in (1, 2)]
    )
    assert ds.schema.field("image").type == pa.fixed_shape_tensor(pa.uint8(), [2, 3])
    assert ds.schema.field("v").type == pa.list_(pa.int64())
    (batch,) = ds
    assert batch["image"].to_numpy_ndarray().tolist() == [[[1] * 3] * 2, [[2] * 3] * 2]
    with pytest.raises(SchemaError, match=r"record 1: feature 'image': expected"):
        rows_of(Dataset.from_generator(lambda: [{"image": np.zeros((2, n))} for n in (2, 3)]))


def test_record_batches_are_kept() -> None:
    batches = [pa.record_batch({"x": [1, 2]}), pa.record_batch({"x": [3]})]
    assert list(Dataset.from_generator(lambda: batches)) == batches
    with pytest.raises(
        SchemaError, match=r"record 2: expected a record batch of the schema x: int64, got y: int64"
    ):
        list(Dataset.from_generator(lambda: [batches[0], pa.record_batch({"y": [1]})]))


def test_a_later_row_that_differs_is_named() -> None:
    def read():
        yield from ({"n": n} for n in range(5000))
        yield {"n": "many"}

    with pytest.raises(SchemaError, match=r"read\(\), record 5,000: feature 'n': expected int64, got 'many'"):
        rows_of(Dataset.from_generator(read))
    with pytest.raises(
        SchemaError, match=r"record 300: feature 'm': the row has a column that the schema lacks"
    ):
        rows_of(Dataset.from_generator(lambda: [{"n": 1}] * 300 + [{"n": 1, "m": 2}]))
    schema = pa.schema([pa.field("n", pa.int64(), nullable=False)])
    with pytest.raises(SchemaError, match=r"record 1: feature 'n': a required column has no value"):
        rows_of(Dataset.from_generator(lambda: [{"n": 1}, {}], schema))
    with pytest.raises(
        SchemaError, match=r"record 1: expected a dict, a tuple or a record batch, got a NoneType"
    ):
        rows_of(Dataset.from_generator(lambda: [{"n": 1}, None]))


def test_what_is_not_a_function_of_rows_is_refused() -> None:
    with pytest.raises(UsageError, match="expected a function that returns the rows, got a list"):
        Dataset.from_generator([{"n": 1}])  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="expected the function to return an iterable of rows, got a dict"):
        list(Dataset.from_generator(lambda: {"n": 1}))
    with pytest.raises(SchemaError, match="no rows to infer a schema from; pass a schema"):
        list(Dataset.from_generator(list))
    assert list(Dataset.from_generator(list, pa.schema({"n": pa.int64()}))) == []


def test_the_generator_is_closed_when_iteration_stops() -> None:
    closed = []

    def read():
        try:
            yield from ({"n": n} for n in range(10_000))
        finally:
            closed.append(True)

    stream = iter(Dataset.from_generator(read, pa.schema({"n": pa.int64()})))
    next(stream)
    stream.close()
    assert closed == [True]


def test_columns_are_selected_and_large_rows_make_small_batches() -> None:
    ds = Dataset.from_generator(
        lambda: ({"n": n, "data": b"x" * 100_000} for n in range(1000)), columns=["data"]
    )
    sizes = [batch.num_rows for batch in ds]
    assert sum(sizes) == 1000
    assert max(sizes) <= 256
    assert ds.schema.names == ["data"]


def test_other_code_has_another_fingerprint() -> None:
    def dataset(n: int) -> Dataset:
        return Dataset.from_generator(lambda: [{"n": n}])

    first, again, other = dataset(1), dataset(1), dataset(2)
    assert first.source.fingerprint == again.source.fingerprint
    assert first.source.fingerprint != other.source.fingerprint
