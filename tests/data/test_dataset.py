import dataclasses

import numpy as np
import pyarrow as pa
import pytest

from headrace.columns import Ragged
from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError


def test_arrays_of_every_shape_become_columns():
    ds = Dataset.from_arrays(
        {
            "scalar": np.arange(3, dtype=np.float32),
            "vector": np.zeros((3, 4)),
            "image": np.zeros((3, 2, 2), np.uint8),
            "ragged": Ragged(np.array([1, 2, 3]), np.array([0, 2, 2, 3])),
            "strings": ["a", "b", "c"],
            "lists": [[1], [], [2, 3]],
            "arrow": pa.array([True, False, None]),
        }
    )
    assert ds.num_rows == 3
    assert [str(t) for t in ds.schema.types if not isinstance(t, pa.FixedShapeTensorType)] == [
        "float",
        "fixed_size_list<item: double>[4]",
        "list<item: int64>",
        "string",
        "list<item: int64>",
        "bool",
    ]
    assert ds.schema.field("image").type == pa.fixed_shape_tensor(pa.uint8(), (2, 2))


def test_arrays_of_different_lengths_are_refused_by_name():
    with pytest.raises(SchemaError, match="feature 'y': expected 3 rows, as in 'x', got 2") as caught:
        Dataset.from_arrays({"x": [1, 2, 3], "y": [1, 2]})
    assert caught.value.feature == "y"


def test_an_array_of_mixed_objects_is_refused_by_name():
    with pytest.raises(SchemaError, match=r"feature 'x'.*pass numbers, booleans or strings"):
        Dataset.from_arrays({"x": [1, "two"]})


@pytest.mark.parametrize("data", [[], ["no batch"]])
def test_from_arrow_refuses_anything_but_batches(data):
    with pytest.raises(UsageError):
        Dataset.from_arrow(data)


def test_from_arrow_refuses_batches_of_different_schemas():
    batches = [pa.record_batch({"x": [1]}), pa.record_batch({"y": [1]})]
    with pytest.raises(SchemaError, match="the batches of a stream differ"):
        Dataset.from_arrow(batches)


def test_a_dataset_is_a_value(numbered):
    longer = numbered.batch(4)
    assert numbered.stages == ()
    assert longer.batch(4) == longer.batch(4)
    with pytest.raises(dataclasses.FrozenInstanceError):
        longer.stages = ()


def test_nothing_is_read_before_iteration(numbered):
    def explode(_):
        raise AssertionError

    numbered.map(explode).shuffle(1).batch(2).prefetch(2).epoch(1)


def test_num_rows_follows_the_stages(numbered):
    assert numbered.skip(3).take(50).repeat(2).batch(8, drop_remainder=True).num_rows == 96
    assert numbered.filter(lambda batch: batch["maybe"].is_valid()).num_rows is None


def test_schema_after_map_needs_one_row_only():
    seen = []

    def to_text(batch):
        seen.append(batch.num_rows)
        return pa.record_batch({"text": batch["x"].cast(pa.string())})

    ds = Dataset.from_arrays({"x": np.arange(10_000)}).shuffle(1).map(to_text).batch(10)
    assert ds.schema == pa.schema([("text", pa.string())])
    assert seen == [1]
