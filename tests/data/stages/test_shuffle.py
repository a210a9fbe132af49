import gzip
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.data.sources import ArrowSource
from headrace.errors import UsageError


def order(ds):
    return np.concatenate([np.asarray(batch["x"]) for batch in ds])


@pytest.fixture
def counting():
    return Dataset.from_arrays({"x": np.arange(5000)})


@pytest.mark.parametrize("window", [1, 2, 3, 100, 4999, 5000, 65536])
def test_every_row_is_yielded_exactly_once(counting, window):
    assert sorted(order(counting.shuffle(3, window))) == list(range(5000))


def test_order_depends_on_seed_and_epoch(counting):
    orders = [order(counting.shuffle(seed).epoch(epoch)) for seed in (0, 1) for epoch in (0, 1)]
    assert len({tuple(o) for o in orders}) == 4


def test_the_order_is_pinned():
    ds = Dataset.from_arrays({"x": np.arange(8)})
    assert order(ds.shuffle(7)).tolist() == [0, 1, 2, 3, 7, 6, 4, 5]


class Stream:
    """Rows that can only be read from the start, 100 in a batch."""

    def __init__(self, rows):
        self.table = pa.table({"x": np.arange(rows)})
        self.schema, self.num_rows = self.table.schema, rows

    def read(self):
        return iter(self.table.to_batches(max_chunksize=100))


def test_rows_that_can_be_read_by_number_are_permuted_uniformly_whatever_the_window(counting):
    distance = order(counting.shuffle(0, window=10)) - np.arange(5000)
    assert abs(distance).max() > 4000


def test_rows_of_a_stream_stay_within_their_pool():
    shuffled = order(Dataset(Stream(5000)).shuffle(0, window=500))
    assert sorted(shuffled) == list(range(5000))
    assert abs(shuffled - np.arange(5000)).max() < 500


def test_borders_of_pools_differ_between_epochs():
    def borders(epoch):
        highest = np.maximum.accumulate(order(Dataset(Stream(5000)).shuffle(0, window=500).epoch(epoch)))
        return set(np.flatnonzero(highest == np.arange(5000)).tolist())

    assert len(borders(0) & borders(1)) <= 4


def test_a_window_in_bytes_holds_as_many_rows_as_fit():
    shuffled = order(Dataset(Stream(5000)).shuffle(0, window="4kB"))  # 500 rows of 8 bytes
    assert sorted(shuffled) == list(range(5000))
    assert 400 < abs(shuffled - np.arange(5000)).max() < 500


def test_a_row_that_exceeds_the_window_is_a_pool_of_its_own():
    assert order(Dataset(Stream(300)).shuffle(0, window="7B")).tolist() == list(range(300))


class Payloads:
    """A stream of 2,000 rows of 20 kB, 10 in a batch; `held` is the most memory that its batches took."""

    schema = pa.schema([("x", pa.int64()), ("payload", pa.binary())])
    num_rows = 2000

    def __init__(self):
        self.held = 0

    def read(self):
        before = pa.total_allocated_bytes()
        for first in range(0, self.num_rows, 10):
            numbers = range(first, first + 10)
            columns = [pa.array(numbers, pa.int64()), pa.array([bytes([n % 256]) * 20_000 for n in numbers])]
            yield pa.RecordBatch.from_arrays(columns, schema=self.schema)
            self.held = max(self.held, pa.total_allocated_bytes() - before)


@pytest.mark.parametrize("window", [300, "6MB", 17])
def test_memory_holds_one_window(window):
    source = Payloads()
    seen = []
    for batch in Dataset(source).shuffle(1, window):
        seen += batch["x"].to_pylist()
        assert [value[0] for value in batch["payload"].to_pylist()] == [
            n % 256 for n in seen[-batch.num_rows :]
        ]
    assert sorted(seen) == list(range(2000))
    rows = 300 if window == "6MB" else window
    assert source.held < (rows + 25) * 22_000


def test_output_batches_are_small_where_rows_are_large():
    assert {batch.num_rows for batch in Dataset(Payloads()).shuffle(1, 1000)} <= {256, *range(256)}


@pytest.mark.parametrize("window", [1, 7, 99, 100, 101, 500, 4999, 5000, "1B", "799B", "2kB"])
def test_a_stream_resumes_anywhere(window):
    ds = Dataset(Stream(1000)).shuffle(3, window).epoch(2).batch(37)
    whole = list(ds)
    running = iter(ds)
    for position in range(len(whole)):
        resumed = iter(ds)
        resumed.load_state_dict(json.loads(json.dumps(running.state_dict())))
        assert list(resumed) == whole[position:]
        next(running)


@pytest.mark.parametrize("build", [lambda ds: ds, lambda ds: ds.filter(lambda batch: batch["x"].is_valid())])
@pytest.mark.parametrize("make", [Stream, lambda rows: ArrowSource.from_data({"x": np.arange(rows)})])
def test_a_choice_after_a_shuffle_is_the_same_in_every_epoch(make, build):
    shuffled = build(Dataset(make(1000)).shuffle(0, window=300))
    train, test = shuffled.skip(200), shuffled.take(200)
    chosen = set(order(test).tolist())
    assert len(chosen) == 200
    orders = set()
    for epoch in range(4):
        assert set(order(test.epoch(epoch)).tolist()) == chosen
        rest = order(train.epoch(epoch)).tolist()
        assert sorted([*chosen, *rest]) == list(range(1000))
        orders.add(tuple(rest))
    assert len(orders) == 4


def test_data_within_the_window_is_permuted_uniformly():
    ds = Dataset.from_arrays({"x": np.arange(10)})
    counts = np.zeros((10, 10))
    for epoch in range(2000):
        counts[np.arange(10), order(ds.shuffle(1).epoch(epoch))] += 1
    chi_squared = ((counts - 200) ** 2 / 200).sum()
    assert chi_squared < 160  # 81 degrees of freedom; beyond 160 once in a million


@pytest.mark.parametrize("window", [0, -3, "0 MB"])
def test_window_below_one_is_refused(counting, window):
    with pytest.raises(UsageError, match=f"window is {window}; pass 1 or more"):
        counting.shuffle(0, window=window)


def test_a_window_that_is_not_a_size_is_refused(counting):
    with pytest.raises(UsageError, match="expected a memory size, got 'large'"):
        counting.shuffle(0, window="large")


@pytest.mark.parametrize(
    ("window", "spec"),
    [
        (None, "shuffle(seed=3)"),
        (65536, "shuffle(seed=3, window=65536)"),
        ("64 mb", "shuffle(seed=3, window='64MB')"),
        ("1MiB", "shuffle(seed=3, window='1MiB')"),
    ],
)
def test_the_spec_says_what_determines_the_order(counting, window, spec):
    assert counting.shuffle(3, window).spec == spec


def test_the_code_of_the_page_on_shuffling(tmp_path, monkeypatch):
    page = (Path(__file__).parents[3] / "docs" / "data.md").read_text(encoding="utf-8")
    code = page.split("\n## Shuffle\n")[1].split("```python\n")[1].split("```")[0]
    with gzip.open(tmp_path / "clicks.csv.gz", "wt") as file:
        file.write("x\n" + "\n".join(map(str, range(500))))
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(code, "docs/data.md", "exec"), names)
    assert sorted(order(names["ds"])) == list(range(500))
