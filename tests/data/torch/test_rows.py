"""Rows of a dataset by number, as a map-style torch dataset."""

import pickle

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from torch.utils.data import DataLoader, Dataset, SequentialSampler, WeightedRandomSampler

import headrace as hr
from headrace.errors import UsageError

ROWS = 103


def double(batch):
    return batch.append_column("twice", pa.array(np.asarray(batch["row"]) * 2))


def odd(batch):
    return np.asarray(batch["row"]) % 2 == 1


def numbers() -> hr.Dataset:
    row = np.arange(ROWS)
    return hr.Dataset.from_arrays({"row": row, "pair": np.stack([row, -row], axis=1)})


PIPELINES = {
    "source": lambda ds: ds,
    "map": lambda ds: ds.map(double),
    "shuffle": lambda ds: ds.shuffle(1).map(double).batch(8).prefetch(),
    "chosen": lambda ds: ds.shuffle(1).skip(20).take(50),
    "epoch": lambda ds: ds.shuffle(1).epoch(3),
    "cache": lambda ds: ds.filter(odd).cache(),
    "shard": lambda ds: ds.shard(1, 4),
    "empty": lambda ds: ds.take(0),
}


@pytest.mark.parametrize("build", PIPELINES.values(), ids=PIPELINES)
def test_item_i_is_row_i_of_the_dataset(build):
    ds = build(numbers())
    rows = ds.to_torch_dataset()
    assert isinstance(rows, Dataset)
    items = [rows[number] for number in range(len(rows))]
    expected = [row for batch in ds for row in batch.to_pylist()]
    assert [{name: value.tolist() for name, value in item.items()} for item in items] == expected


def test_an_item_has_no_batch_dimension():
    item = numbers().map(double).to_torch_dataset()[5]
    assert {name: (value.tolist(), tuple(value.shape)) for name, value in item.items()} == {
        "row": (5, ()),
        "pair": ([5, -5], (2,)),
        "twice": (10, ()),
    }


def test_a_ragged_item_is_the_values_of_its_row():
    rows = hr.Dataset.from_arrays({"x": [[1], [], [2, 3]]}).to_torch_dataset()
    assert [item["x"].tolist() for item in rows.__getitems__([2, 0, 1, 2])] == [[2, 3], [1], [], [2, 3]]


def test_rows_are_read_in_any_order_with_repeats():
    rows = numbers().to_torch_dataset()
    assert [item["row"].item() for item in rows.__getitems__([7, 0, 7, 102])] == [7, 0, 7, 102]
    assert rows[-1]["row"] == 102
    assert rows[np.int64(3)]["row"] == 3


@pytest.mark.parametrize("number", [103, -104])
def test_a_number_outside_the_rows_is_an_index_error(number):
    with pytest.raises(IndexError, match="of 103"):
        numbers().to_torch_dataset()[number]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_loader_stacks_the_rows_of_a_sampler(workers, tmp_path):
    pq.write_table(pa.table({"row": np.arange(ROWS)}), tmp_path / "rows.parquet", row_group_size=10)
    for source in (numbers(), hr.Dataset.from_parquet(tmp_path / "rows.parquet")):
        rows = source.map(double).to_torch_dataset()
        loader = DataLoader(rows, batch_size=10, sampler=SequentialSampler(rows), num_workers=workers)
        batches = list(loader)
        assert [row for batch in batches for row in batch["row"].tolist()] == list(range(ROWS))
        assert all((batch["twice"] == 2 * batch["row"]).all() for batch in batches)


def test_a_weighted_sampler_chooses_rows():
    rows = numbers().to_torch_dataset()
    sampler = WeightedRandomSampler([0.0] * 50 + [1.0] * 53, num_samples=40)
    (batch,) = DataLoader(rows, batch_size=40, sampler=sampler)
    assert batch["row"].min() >= 50


def test_rows_can_be_pickled():
    rows = pickle.loads(pickle.dumps(numbers().shuffle(1).to_torch_dataset()))
    assert rows[4]["row"] == numbers().shuffle(1).to_torch_dataset()[4]["row"]


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (lambda ds: ds.filter(odd), r"filter\(odd\)"),
        (lambda ds: ds.filter(odd).shuffle(1), r"filter\(odd\)"),
        (
            lambda ds: ds.batch(8, drop_remainder=True),
            r"batch\(8, drop_remainder=True\)",
        ),
        (lambda ds: hr.Dataset(OneWay(ds)), "OneWay"),
    ],
)
def test_rows_without_numbers_are_refused_with_cache_as_the_way(build, reason):
    with pytest.raises(
        UsageError, match=f"cannot be read by number: {reason} (has to see all|does not).*; append .cache"
    ):
        build(numbers()).to_torch_dataset()
    assert len(build(numbers()).cache().to_torch_dataset()) > 0


class OneWay:
    """A source that cannot seek."""

    def __init__(self, ds: hr.Dataset):
        self.ds, self.schema, self.num_rows = ds, ds.schema, None

    def read(self):
        return iter(self.ds)
