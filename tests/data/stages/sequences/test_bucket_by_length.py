import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from headrace.data import Dataset
from headrace.data.stages.sequences import pools
from headrace.errors import SchemaError, UsageError


def shape(batch):
    return batch.num_rows, pc.max(pc.list_value_length(batch["ids"])).as_py()


def count_tokens(ds):
    return sum(len(batch["ids"].flatten()) for batch in ds)


def rows(ds):
    return [row for batch in ds for row in batch["row"].to_pylist()]


@pytest.mark.parametrize("size", [{"batch_size": 32}, {"tokens": 16384}, {"tokens": 4096, "pool": 200}])
def test_padding_adds_at_most_15_percent_and_no_row_is_lost(texts, size):
    ds = texts.shuffle(0).bucket_by_length("ids", **size)
    shapes = [shape(batch) for batch in ds]
    assert sum(count * longest for count, longest in shapes) <= 1.15 * count_tokens(texts)
    assert sorted(rows(ds)) == list(range(5000))
    if "tokens" in size:
        assert all(count * longest <= size["tokens"] or count == 1 for count, longest in shapes)
    else:
        assert [count for count, _ in shapes].count(32) == 5000 // 32


def test_batches_come_in_another_random_order_in_each_epoch(texts):
    ds = texts.bucket_by_length("ids", 50)
    longest = [shape(batch)[1] for batch in ds]
    assert longest != sorted(longest)
    assert longest != sorted(longest, reverse=True)
    assert rows(ds) == rows(ds) != rows(ds.epoch(1))
    assert rows(texts.bucket_by_length("ids", 50, seed=1)) != rows(ds)


def test_a_row_longer_than_the_tokens_of_a_batch_is_alone():
    ds = Dataset.from_arrays({"ids": [[1] * 9, [1], [], [1, 2]], "row": [0, 1, 2, 3]})
    found = sorted(batch["row"].to_pylist() for batch in ds.bucket_by_length("ids", tokens=4))
    assert found == [[0], [1, 3], [2]]


def test_pools_are_bounded_in_bytes(monkeypatch, texts):
    whole = next(iter(texts))
    monkeypatch.setattr(pools, "POOL_BYTES", 64 << 10)
    found = list(texts.bucket_by_length("ids", 8))
    first = found[: len(found) // 20]
    assert max(row for batch in first for row in batch["row"].to_pylist()) < whole.num_rows
    assert sorted(rows(found)) == list(range(5000))


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["a", "ccc", None, "é"]),
        pa.array(["a", "ccc", None, "é"]).dictionary_encode(),
        pa.array([[1], [1, 2, 3], None, [1, 2]], pa.large_list(pa.int8())),
        pa.array([1, 3, None, 2], pa.uint8()),
    ],
)
def test_lengths_are_those_of_lists_bytes_or_integers(column):
    ds = Dataset.from_arrow(pa.table({"x": column, "row": range(4)}))
    batches = sorted(batch["row"].to_pylist() for batch in ds.bucket_by_length("x", 2))
    assert batches == [[0, 2], [1, 3]]


def test_wrong_arguments_are_refused(texts):
    with pytest.raises(UsageError, match="expected one of batch_size and tokens, got neither"):
        texts.bucket_by_length("ids")
    with pytest.raises(UsageError, match="expected one of batch_size and tokens, got both"):
        texts.bucket_by_length("ids", 3, tokens=5)
    with pytest.raises(UsageError, match=r"tokens: expected an integer, got 2\.5"):
        texts.bucket_by_length("ids", tokens=2.5)
    with pytest.raises(SchemaError, match="'id': the data lack this column; did you mean 'ids'"):
        next(iter(texts.bucket_by_length("id", 3)))
    floats = Dataset.from_arrays({"x": np.arange(3.0)})
    with pytest.raises(SchemaError, match="expected a column of lists, strings or integers, got Arrow type"):
        next(iter(floats.bucket_by_length("x", 3)))


def test_take_chooses_the_same_rows_in_every_epoch(texts):
    ds = texts.bucket_by_length("ids", 16, pool=4).take(100)
    assert rows(ds) == rows(ds.epoch(2))
