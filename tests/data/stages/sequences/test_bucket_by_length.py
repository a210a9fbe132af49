from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from headrace.data import Dataset, DatasetIterator
from headrace.data.iterator import seal_state
from headrace.data.stages.sequences import pools
from headrace.data.torch.placement import Placement
from headrace.data.torch.steps import StepConverter
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


def same(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch


def rows_of_lists(type_: pa.DataType, missing: str) -> Dataset:
    rng = np.random.default_rng(0)
    rows: list[list[int | None] | None] = [[k % 50] * int(rng.integers(0, 9)) for k in range(500)]
    if missing == "lists":
        rows[::9] = [None] * len(rows[::9])
    if missing == "values":
        rows[::9] = [[1, None]] * len(rows[::9])
    table = pa.table({"x": range(500), "ids": pa.array(rows, type_)})
    return Dataset.from_arrow(table.to_batches(max_chunksize=90))


PADS: dict[str, dict[str, Any]] = {
    "longest": {},
    "rounded": {"multiple_of": 5, "value": 3, "mask": True},
    "fixed": {"length": 9, "lengths": True},
    "cut": {"length": 3, "multiple_of": 2, "truncate": True, "mask": True, "lengths": True},
}


@pytest.mark.parametrize("options", PADS.values(), ids=PADS)
@pytest.mark.parametrize("buckets", [{"batch_size": 7, "pool": 4}, {"tokens": 40, "pool": 3}], ids=str)
@pytest.mark.parametrize(
    ("type_", "missing"),
    [
        (pa.list_(pa.int32()), ""), (pa.large_list(pa.float64()), ""), (pa.list_(pa.float32()), "values"),
        (pa.list_(pa.int64()), "lists"), (pa.list_(pa.float16()), ""),
    ],
    ids=str,
)  # fmt: skip
def test_rows_in_memory_are_gathered_into_the_batches_of_a_stream(type_, missing, buckets, options) -> None:
    """Rows that pass a function are a stream; other rows in memory are gathered, and padded, by number."""
    shuffled = rows_of_lists(type_, missing).shuffle(3)
    streamed = shuffled.map(same).bucket_by_length("ids", **buckets).pad("ids", **options)
    gathered = shuffled.bucket_by_length("ids", **buckets).pad("ids", **options)
    expected, found = iter(streamed.epoch(1)), iter(gathered.epoch(1))
    for batch in expected:
        assert show(next(found)) == show(batch)
        resumed = iter(gathered)
        resumed.load_state_dict(seal_state({**found.state_dict(), "cursor": expected.state_dict()["cursor"]}))
        assert show(next(resumed, None)) == show(next(iter_at(streamed, expected.state_dict()), None))
    assert next(found, None) is None


def show(batch: pa.RecordBatch | None) -> str:
    """Show all values; NaN, which a missing float becomes, does not equal itself."""
    return "" if batch is None else f"{batch.schema} {batch.to_pylist()}"


def iter_at(ds: Dataset, state: dict[str, Any]) -> DatasetIterator:
    iterator = iter(ds)
    iterator.load_state_dict(state)
    return iterator


def test_repeated_and_chosen_rows_are_gathered_too() -> None:
    rows = rows_of_lists(pa.list_(pa.int32()), "").shuffle(3)
    for chosen in (rows.repeat(2), rows.take(100), rows.shard(1, 3), rows.skip(490).repeat(3)):
        streamed = chosen.map(same).bucket_by_length("ids", 16).pad("ids")
        assert list(chosen.bucket_by_length("ids", 16).pad("ids")) == list(streamed)


def test_lists_that_exceed_the_length_are_refused_when_gathered() -> None:
    batches = rows_of_lists(pa.list_(pa.int32()), "").shuffle(3).bucket_by_length("ids", 16).pad("ids", 4)
    with pytest.raises(SchemaError, match="expected lists of at most 4 values, got one of"):
        list(batches)


def test_padded_batches_become_tensors_without_a_copy_that_may_be_written_to(texts):
    batches = texts.shuffle(0).bucket_by_length("ids", 32).pad("ids")
    expected = [batch["ids"].flatten().to_pylist() for batch in batches]
    steps = iter(batches)
    step = steps.next_step()
    tensors = StepConverter(Placement()).convert(step)
    assert tensors["ids"].data_ptr() == step.batch["ids"].flatten().buffers()[1].address
    for batch in batches.to_torch():
        batch["ids"].fill_(-1)
        batch["row"].fill_(-1)
    assert [batch["ids"].flatten().tolist() for batch in batches.to_torch()] == expected
    assert sorted(rows(batches)) == list(range(5000))


def test_tensors_of_batches_that_others_may_read_are_copies(texts):
    kept = []
    batches = texts.bucket_by_length("ids", 32).pad("ids").map(lambda batch: kept.append(batch) or batch)
    expected = [batch["ids"].flatten().to_pylist() for batch in batches]
    kept.clear()
    for batch in batches.to_torch():
        batch["ids"].fill_(-1)
    assert [batch["ids"].flatten().to_pylist() for batch in kept] == expected
