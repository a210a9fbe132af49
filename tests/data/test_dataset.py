import dataclasses
import gzip
import warnings

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
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
    with pytest.raises(SchemaError, match=r"record 1: feature 'x': expected values of one type"):
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


def test_taking_the_first_rows_of_sorted_classes_warns(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.txt").write_text(name)
    ds = Dataset.from_text(tmp_path)
    with pytest.warns(UserWarning, match=r"sorted by 'label', so take\(1\) may keep a single one; use split"):
        ds.take(1)
    with warnings.catch_warnings(action="error"):
        ds.shuffle(0).take(1)
        ds.split(0.5, 0.5)


def test_explain_says_how_rows_are_ordered(tmp_path):
    pq.write_table(pa.table({"x": range(100)}), tmp_path / "a.parquet", row_group_size=10)
    (tmp_path / "a.csv").write_text("x\n1\n")
    parquet = Dataset.from_parquet(tmp_path / "a.parquet").shuffle(0, window=20)
    assert "10 blocks (row groups) of 100 rows in random order" in parquet.explain()
    assert "windows of about 20 rows" in parquet.explain()
    assert "resume: reads only what is needed" in parquet.batch(3).explain()
    csv = Dataset.from_csv(tmp_path / "a.csv").shuffle(0).explain()
    assert csv.startswith("CsvSource: rows are read from the start")
    assert "resume: reads only what is needed" in csv
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"x\n1\n"))
    compressed = Dataset.from_csv(tmp_path / "b.csv.gz").shuffle(0).explain()
    assert "resume: reads again from the start" in compressed


def test_data_sets_of_very_many_stages_are_refused() -> None:
    longest = Dataset.from_arrow(pa.table({"x": [1, 2, 3]}))
    for _ in range(200):
        longest = longest.take(3)
    assert sum(batch.num_rows for batch in longest) == 3
    with pytest.raises(UsageError, match="expected at most 200 stages, got one more; do several steps in"):
        longest.take(3)


def test_a_batch_of_more_rows_than_a_chunk_is_gathered_at_once() -> None:
    """A chunk of half a megabyte has 327 rows of 1.6 kB, and a batch of two chunks is a second copy."""
    ds = Dataset.from_arrays({"x": np.zeros((2000, 400), np.float32)}).shuffle(seed=0)
    step = iter(ds.batch(512)).next_step()
    assert step.parent is not None
    assert step.parent.num_rows == 512
    assert iter(ds.batch(2000)).next_step().parent is None  # the chunks stay small
