"""What every combination of datasets must do."""

import json
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError


class Stream:
    """Rows that can only be read from the start."""

    def __init__(self, rows):
        self.table = pa.table({"x": rows})
        self.schema, self.num_rows = self.table.schema, len(rows)

    def read(self):
        return iter(self.table.to_batches(max_chunksize=7))


def numbers(start, stop):
    return Dataset.from_arrays({"x": np.arange(start, stop)})


def inputs():
    return [
        numbers(0, 50).shuffle(1).batch(8),
        Dataset(Stream(np.arange(100, 120))),
        numbers(200, 203),
        numbers(300, 340).filter(lambda batch: pa.compute.less(batch["x"], 330)),
    ]


ALL = {*range(50), *range(100, 120), *range(200, 203), *range(300, 330)}
CASES: dict[str, Callable[[], Dataset]] = {
    "concatenate": lambda: Dataset.concatenate(inputs()),
    "concatenate, shuffled": lambda: Dataset.concatenate([numbers(0, 60), numbers(60, 99)]).shuffle(3),
    "interleave": lambda: Dataset.interleave(inputs(), cycle_length=2, block_length=3),
    "mix": lambda: Dataset.mix(inputs(), [1, 2, 3, 4], seed=5),
    "mix, first": lambda: Dataset.mix(inputs(), [1, 2, 3, 4], seed=5, stop="first"),
    "zip": lambda: Dataset.zip(
        [ds.map(rename(name)) for name, ds in zip("abcd", inputs(), strict=True)], strict=False
    ),
    "nested": lambda: Dataset.mix([Dataset.concatenate(inputs()), numbers(900, 990)], [1, 1]).batch(10),
}


def rename(name):
    return lambda batch: batch.rename_columns([name])


def values(ds):
    return [row["x"] for batch in ds for row in batch.to_pylist()]


@pytest.fixture(params=CASES)
def build(request):
    return CASES[request.param]


@pytest.mark.parametrize("epoch", [0, 2])
def test_resume_at_every_position_equals_the_uninterrupted_stream(build, epoch):
    ds = build().batch(5).epoch(epoch)
    whole = list(ds)
    assert whole
    running = iter(ds)
    for position in range(len(whole) + 1):
        resumed = iter(build().batch(5))
        resumed.load_state_dict(json.loads(json.dumps(running.state_dict())))
        assert list(resumed) == whole[position:]
        next(running, None)


def test_malformed_states_are_refused(build, check_malformed_states):
    check_malformed_states(lambda: build().batch(5))


def test_batches_have_the_schema_and_rows_are_counted(build):
    ds = build()
    batches = list(ds)
    assert all(batch.schema == ds.schema for batch in batches)
    assert ds.num_rows in (None, sum(batch.num_rows for batch in batches))


@pytest.mark.parametrize("case", ["concatenate", "interleave", "mix"])
def test_every_row_is_read_once_in_every_epoch(case):
    for epoch in range(3):
        found = values(CASES[case]().epoch(epoch))
        assert len(found) == len(ALL)
        assert set(found) == ALL


def test_concatenated_rows_follow_each_other_and_are_shuffled_as_a_whole(tmp_path):
    pa.parquet.write_table(pa.table({"x": range(60, 99)}), tmp_path / "a.parquet", row_group_size=10)
    ds = Dataset.concatenate([numbers(0, 60), Dataset.from_parquet(tmp_path / "a.parquet")])
    assert values(ds) == list(range(99))
    shuffled = values(ds.shuffle(1))
    assert sorted(shuffled) == list(range(99))
    assert min(shuffled[:60]) < 60 < max(shuffled[:60])
    assert values(ds.skip(70).take(3)) == [70, 71, 72]
    assert "uniform permutation of 120 rows" in Dataset.concatenate([numbers(0, 60)] * 2).shuffle(1).explain()


def test_interleaved_rows_take_turns():
    ds = Dataset.interleave([numbers(0, 6), numbers(10, 14), numbers(20, 22)], cycle_length=2, block_length=2)
    assert values(ds) == [0, 1, 10, 11, 2, 3, 12, 13, 4, 5, 20, 21]


def test_mixed_rows_have_the_weights_and_keep_their_order():
    found = np.array(values(Dataset.mix([numbers(0, 100_000), numbers(100_000, 200_000)], [3, 1])))
    assert abs((found[:20_000] < 100_000).mean() - 0.75) < 0.01
    for low in (0, 100_000):
        own = found[(found >= low) & (found < low + 100_000)]
        assert own.tolist() == list(range(low, low + 100_000))
    other = values(Dataset.mix([numbers(0, 100), numbers(100, 200)], [3, 1], seed=1))
    assert other != values(Dataset.mix([numbers(0, 100), numbers(100, 200)], [3, 1], seed=2))


@pytest.mark.parametrize("weights", [[1e308, 1e308], [5e-324, 1e308], [1e-300, 1e-300]])
def test_weights_of_any_size_mix_all_rows(weights):
    found = values(Dataset.mix([numbers(0, 5000), numbers(5000, 10_000)], weights))
    assert sorted(found) == list(range(10_000))
    first = np.array(found[:2000])
    assert (first >= 5000).any()
    assert (first < 5000).any() == (weights[0] == weights[1])


def test_mixing_can_stop_with_the_first_dataset():
    found = values(Dataset.mix([numbers(0, 1000), numbers(1000, 100_000)], [1, 1], stop="first"))
    assert set(range(1000)) <= set(found)
    assert 1800 < len(found) < 2200


def test_zipped_columns_stand_side_by_side():
    ds = Dataset.zip([numbers(0, 10), numbers(10, 20).map(rename("y")).batch(3)])
    assert [batch.to_pylist() for batch in ds.take(2)] == [[{"x": 0, "y": 10}, {"x": 1, "y": 11}]]
    assert ds.num_rows == 10


def test_zipping_datasets_of_other_lengths_is_refused():
    with pytest.raises(UsageError, match="expected datasets of equal length, but dataset 1 ended first"):
        list(Dataset.zip([numbers(0, 10), numbers(0, 9).map(rename("y"))]))


def test_zipping_columns_of_the_same_name_is_refused():
    with pytest.raises(SchemaError, match="feature 'x': two of the datasets have a column of this name"):
        list(Dataset.zip([numbers(0, 10), numbers(0, 10)]))


@pytest.mark.parametrize(
    "combine", [Dataset.concatenate, Dataset.interleave, lambda each: Dataset.mix(each, [1, 1])]
)
def test_other_columns_are_refused(combine):
    with pytest.raises(
        SchemaError, match="expected the columns of the first dataset, x: int64, got y: int64"
    ):
        list(combine([numbers(0, 10), numbers(0, 10).map(rename("y"))]))


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: Dataset.concatenate([]), "expected at least one dataset"),
        (lambda: Dataset.mix([numbers(0, 1)], [1, 2]), "expected a weight above 0 for each of 1 datasets"),
        (lambda: Dataset.mix([numbers(0, 1)], [0]), "expected a weight above 0"),
        (lambda: Dataset.mix([numbers(0, 1)], [True]), "expected a weight above 0"),
        (
            lambda: Dataset.mix([numbers(0, 1)], [1], stop="last"),
            "expected stop='all' or 'first', got 'last'",
        ),
        (
            lambda: Dataset.interleave([numbers(0, 1)], cycle_length=0),
            "cycle_length is 0; pass 1 or more",
        ),
    ],
)
def test_wrong_arguments_are_refused(call, match):
    with pytest.raises(UsageError, match=match):
        call()


def test_a_state_of_another_input_is_refused():
    state = iter(Dataset.concatenate([numbers(0, 10), numbers(0, 5)]).batch(3)).state_dict()
    with pytest.raises(UsageError, match="the data are not those"):
        iter(Dataset.concatenate([numbers(0, 10), numbers(1, 6)]).batch(3)).load_state_dict(state)
