"""Batches of tensors: order, length, epoch and position, in one process and in workers of a DataLoader."""

import gc
import pickle
import threading
from itertools import chain

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.waiting import no_new_threads
from torch.utils.data import DataLoader, IterableDataset

from headrace.columns import Ragged
from headrace.data import Dataset
from headrace.errors import UsageError

ROWS = 205

# Two CPUs are enough for three workers that have little to do.
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")


def parity(batch):
    return np.asarray(batch["row"]) % 2


def keep_two_thirds(batch):
    return np.asarray(batch["row"]) % 3 != 0


def same(batch):
    return batch


def numbers() -> Dataset:
    row = np.arange(ROWS)
    lists = Ragged(np.repeat(row, row % 3), np.concatenate([[0], np.cumsum(row % 3)]))
    return Dataset.from_arrays({"row": row, "image": np.tile(row[:, None, None], (1, 4, 3)), "list": lists})


def rows_of(batches) -> list[list[int]]:
    """The row numbers of each batch, after a check that the other columns belong to them."""
    numbers = []
    for batch in batches:
        row = batch["row"].tolist()
        assert (batch["image"] == batch["row"][:, None, None]).all()
        assert batch["list"].values.tolist() == [number for number in row for _ in range(number % 3)]
        assert batch["list"].row_splits.diff().tolist() == [number % 3 for number in row]
        numbers.append(row)
    return numbers


def load(ds: Dataset, workers: int, context: str = "fork") -> list[list[int]]:
    loader = DataLoader(
        ds.to_torch(),
        batch_size=None,
        num_workers=workers,
        multiprocessing_context=context if workers else None,
    )
    return rows_of(loader)


PIPELINES = {
    "source": lambda ds: ds,
    "batch": lambda ds: ds.batch(16),
    "shuffle-batch": lambda ds: ds.shuffle(1).batch(16),
    "window-shuffle": lambda ds: ds.filter(keep_two_thirds).shuffle(1, window=50).batch(16),
    "no-batch": lambda ds: ds.shuffle(1).map(same),
    "map-after-batch": lambda ds: ds.shuffle(1).batch(16).map(same).prefetch(),
    "filter-after-batch": lambda ds: ds.batch(16).filter(keep_two_thirds),
    "filter-before-batch": lambda ds: ds.filter(keep_two_thirds).batch(16),
    "take-after-batch": lambda ds: ds.batch(16).take(100),
    "resample-before-batch": lambda ds: ds.resample(parity, {0: 2, 1: 1}).batch(16),
    "resample-after-batch": lambda ds: ds.shuffle(1).batch(16).resample(parity, {0: 2, 1: 1}),
    "buckets": lambda ds: ds.shuffle(1).bucket_by_length("row", tokens=600, pool=3),
    "repeat": lambda ds: ds.shuffle(3).batch(16).repeat(2),
    "cache": lambda ds: ds.map(same).cache().shuffle(1).batch(16),
    "drop-remainder": lambda ds: ds.shuffle(1).batch(16, drop_remainder=True),
    "two-batches": lambda ds: ds.batch(30).map(same).batch(8),
    "fewer-batches-than-workers": lambda ds: ds.batch(200),
    "empty": lambda ds: ds.take(0).batch(16),
}
every_pipeline = pytest.mark.parametrize("build", PIPELINES.values(), ids=PIPELINES)


@every_pipeline
def test_a_loader_without_workers_yields_the_batches_of_the_dataset(build):
    ds = build(numbers())
    assert load(ds, 0) == rows_of(ds.to_torch()) == [batch["row"].to_pylist() for batch in ds]


@every_pipeline
def test_workers_yield_each_row_once_and_always_in_the_same_order(build):
    ds = build(numbers())
    rows = load(ds, 3)
    assert sorted(chain(*rows)) == sorted(chain(*rows_of(ds.to_torch())))
    assert load(ds, 3) == rows


@pytest.mark.parametrize(
    "name",
    [
        "batch",
        "shuffle-batch",
        "window-shuffle",
        "map-after-batch",
        "filter-before-batch",
        "take-after-batch",
        "resample-before-batch",
        "resample-after-batch",
        "buckets",
    ],
)
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_workers_yield_the_batches_of_the_dataset_in_its_order(name, workers):
    ds = PIPELINES[name](numbers())
    assert load(ds, workers) == load(ds, 0)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_shares_of_workers_have_each_row_once(data):
    build = data.draw(st.sampled_from(list(PIPELINES.values())))
    workers = data.draw(st.integers(1, 9))
    epoch = data.draw(st.integers(0, 2))
    ds = build(numbers()).epoch(epoch)
    shares = [ds.divide_batches(index, workers) for index in range(workers)]
    rows = [row for share in shares for batch in share for row in batch["row"].to_pylist()]
    assert sorted(rows) == sorted(row for batch in ds for row in batch["row"].to_pylist())


def test_workers_that_do_not_fork_get_the_dataset_by_pickle():
    ds = numbers().shuffle(1).batch(16)
    assert load(ds, 2, "spawn") == load(ds, 0)


def test_a_worker_outside_the_range_is_refused():
    with pytest.raises(UsageError, match="worker 2 of 2; number the workers from 0"):
        numbers().divide_batches(2, 2)


@pytest.mark.parametrize("build", [same, lambda ds: ds.shuffle(1), lambda ds: ds.cache().shuffle(1).batch(3)])
def test_a_pickle_has_the_rows_once(build):
    ds = build(Dataset.from_arrays({"x": np.zeros((1000, 100))}))
    before = len(pickle.dumps(ds.to_torch()))
    for _ in ds.to_torch():
        pass
    after = len(pickle.dumps(ds.to_torch()))
    assert before < 1.05 * 800_000
    assert after <= before + 1000 + 810_000 * any(stage.spec == "cache()" for stage in ds.stages)


@pytest.mark.parametrize(
    ("build", "batches"),
    [
        (lambda ds: ds.batch(16), 13),
        (lambda ds: ds.batch(16, drop_remainder=True), 12),
        (lambda ds: ds.shuffle(1).batch(16).map(same).prefetch(), 13),
        (lambda ds: ds.batch(16).take(100), 7),
        (lambda ds: ds.batch(16).repeat(2), 26),
        (lambda ds: ds.take(0).batch(16), 0),
    ],
)
def test_the_length_is_the_number_of_batches(build, batches):
    ds = build(numbers())
    assert len(ds.to_torch()) == ds.num_batches == batches == len(list(ds))
    assert len(DataLoader(ds.to_torch(), batch_size=None)) == batches


@pytest.mark.parametrize("build", [same, lambda ds: ds.filter(keep_two_thirds).batch(16)])
def test_an_unknown_length_is_a_type_error_with_a_hint(build):
    batches = build(numbers()).to_torch()
    with pytest.raises(TypeError, match="number of batches is unknown before reading; use batch"):
        len(batches)
    list(batches)  # list asks for the length, too


def test_batches_are_an_iterable_dataset():
    assert isinstance(numbers().to_torch(), IterableDataset)


def test_set_epoch_selects_the_order():
    ds = numbers().shuffle(1).batch(16)
    batches = ds.epoch(4).to_torch()
    assert rows_of(batches) == rows_of(ds.epoch(4).to_torch())
    batches.set_epoch(1)
    assert batches.epoch == 1
    assert rows_of(batches) == rows_of(ds.epoch(1).to_torch())
    with pytest.raises(UsageError, match="epoch is -1"):
        batches.set_epoch(-1)


def test_persistent_workers_see_the_epoch_that_their_parent_sets():
    ds = numbers().shuffle(1).batch(16)
    batches = ds.to_torch()
    loader = DataLoader(batches, batch_size=None, num_workers=2, persistent_workers=True)
    for epoch in (0, 1, 2):
        batches.set_epoch(epoch)
        assert rows_of(loader) == rows_of(ds.epoch(epoch).to_torch())


def test_an_error_in_a_worker_reaches_the_loader():
    def fail(_batch):
        raise ZeroDivisionError("at the first batch")

    with pytest.raises(ZeroDivisionError, match="at the first batch"):
        load(numbers().map(fail).batch(16), 2)


def test_the_iterable_has_the_position_of_its_latest_iterator():
    ds = numbers().shuffle(1).batch(16)
    batches = ds.to_torch()
    assert batches.state_dict() == iter(ds).state_dict()
    rest = rows_of(ds.to_torch())
    for count, batch in enumerate(batches, 1):
        assert rows_of([batch]) == [rest[count - 1]]
        if count == 5:
            break
    state = batches.state_dict()  # the iterator itself is gone
    resumed = ds.to_torch()
    resumed.load_state_dict(state)
    assert resumed.state_dict() == state
    assert rows_of(resumed) == rest[5:]
    assert rows_of(resumed) == rest


def test_a_state_of_another_pipeline_is_refused_when_it_is_loaded():
    state = numbers().batch(16).to_torch().state_dict()
    with pytest.raises(UsageError, match="pipeline"):
        numbers().batch(17).to_torch().load_state_dict(state)


def test_dropping_the_iterator_ends_its_threads():
    with no_new_threads():
        batches = numbers().batch(1).prefetch(2).to_torch()
        iterator = iter(batches)
        next(iterator)
        assert "headrace-prefetch" in {thread.name for thread in threading.enumerate()}
        del iterator
        gc.collect()
    assert batches.state_dict()["rows"] == 1


def test_batches_of_one_chunk_do_not_share_elements():
    batches = list(numbers().batch(16).to_torch())
    for batch in batches:
        batch["row"] += 1000
        batch["image"] += 1000
        batch["list"].row_splits.fill_(0)
    assert torch.cat([batch["row"] for batch in batches]).tolist() == list(range(1000, 1000 + ROWS))
    assert rows_of(numbers().batch(16).to_torch())[0] == list(range(16))


@pytest.mark.parametrize("row_bytes", [8, 40_000, 3_000_000])
def test_the_size_of_rows_does_not_change_the_batches(row_bytes):
    rows = 13 if row_bytes > 1e6 else 130
    data = np.repeat(np.arange(rows, dtype=np.uint8)[:, None], row_bytes, axis=1)
    batches = list(Dataset.from_arrays({"x": data}).batch(4).to_torch())
    assert [batch["x"][:, -1].tolist() for batch in batches] == [
        list(range(start, min(start + 4, rows))) for start in range(0, rows, 4)
    ]


@pytest.mark.skipif(torch.accelerator.is_available(), reason="needs a computer without an accelerator")
def test_pinning_without_an_accelerator_is_ignored_with_a_warning():
    batches = numbers().batch(16).to_torch(pin_memory=True, non_blocking=True)
    with pytest.warns(UserWarning, match="pin_memory is ignored: no accelerator is available"):
        batch = next(iter(batches))
    assert not batch["row"].is_pinned()


@pytest.mark.skipif(not torch.accelerator.is_available(), reason="needs an accelerator")
def test_pinned_batches_reach_the_accelerator():
    ds = numbers().shuffle(1).batch(16)
    pinned = list(ds.to_torch(pin_memory=True))
    assert all(batch["row"].is_pinned() and batch["list"].values.is_pinned() for batch in pinned)
    moved = list(ds.to_torch(torch.accelerator.current_accelerator(), pin_memory=True, non_blocking=True))
    torch.accelerator.synchronize()
    assert rows_of(moved) == rows_of(pinned) == rows_of(ds.to_torch())
