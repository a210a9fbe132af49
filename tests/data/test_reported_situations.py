"""Situations that users of other loaders have reported, by the reports on GitHub."""

import gc
import json
import pickle
import threading
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from torch.utils.data import DataLoader

import headrace as hr
from headrace.errors import HeadraceError


def numbers(rows: int = 100, first: int = 0) -> hr.Dataset:
    return hr.Dataset.from_arrays({"row": np.arange(first, first + rows)})


def stream(rows: int = 100) -> hr.Dataset:
    """Return rows that cannot be read by number."""

    def generate() -> Iterable[dict[str, int]]:
        yield from ({"row": row} for row in range(rows))

    return hr.Dataset.from_generator(generate, schema=pa.schema([("row", pa.int64())]))


def rows_of(batches: Iterable[Any]) -> list[int]:
    return [row for batch in batches for row in np.asarray(batch["row"]).tolist()]


def sizes_of(batches: Iterable[pa.RecordBatch]) -> list[int]:
    return [batch.num_rows for batch in batches]


def resume(dataset: hr.Dataset, state: dict[str, Any]) -> Any:
    """Return a new iterator at a state, which has been a file."""
    iterator = iter(dataset)
    iterator.load_state_dict(json.loads(json.dumps(state)))
    return iterator


SOURCES = {
    "rows by number": lambda: numbers().shuffle(1).batch(7),
    "stream": lambda: stream().batch(7),
    "window": lambda: stream().shuffle(1, window=20).batch(7),
    "concatenated": lambda: hr.Dataset.concatenate([numbers(50), numbers(50, 50)]).shuffle(1).batch(7),
    "mixed": lambda: hr.Dataset.mix([numbers(50), numbers(50, 50)], weights=[3, 1], seed=0).batch(7),
    "interleaved": lambda: hr.Dataset.interleave([numbers(50), stream(50)], cycle_length=2).batch(7),
    "repeated": lambda: numbers(50).shuffle(1).repeat(2).batch(7),
    "prefetched": lambda: stream().shuffle(1, window=20).batch(7).prefetch(4),
}
every_source = pytest.mark.parametrize("make", SOURCES.values(), ids=list(SOURCES))


@every_source
def test_a_second_resume_of_an_epoch_continues_where_the_first_ended(make: Callable[[], hr.Dataset]) -> None:
    """datasets#8308, datasets#7901, KempnerForge#57, DALI#5378, grain#1178: the state of what was resumed."""
    whole = rows_of(make())
    first = iter(make())
    start = resume(make(), first.state_dict())
    assert rows_of(start) == whole  # torchdata#1260: a state before the first batch
    head = rows_of(islice(first, 3))
    second = resume(make(), first.state_dict())
    assert second.state_dict() == first.state_dict()  # torchdata#1251: a state at once after a resume
    middle = rows_of(islice(second, 2))
    assert head + middle + rows_of(resume(make(), second.state_dict())) == whole


@every_source
def test_a_resumed_epoch_is_followed_by_a_whole_one(make: Callable[[], hr.Dataset]) -> None:
    """litData#316, litData#330, litData#331, torchdata#1437: the epoch after one that was saved."""
    saved = make().epoch(1).to_torch()
    iterator = iter(saved)
    next(iterator)
    middle, rest, end = iterator.state_dict(), rows_of(iterator), iterator.state_dict()
    for state, remaining in ((middle, rest), (end, [])):
        loader = make().to_torch()
        loader.load_state_dict(state)
        assert loader.epoch == 1
        assert rows_of(loader) == remaining
        loader.load_state_dict(state)
        loader.set_epoch(2)
        assert rows_of(loader) == rows_of(make().epoch(2))


def test_an_epoch_that_ended_early_is_followed_by_a_whole_one() -> None:
    """litData#770: a loop that breaks."""
    loader = numbers().shuffle(1).batch(7).to_torch()
    next(iter(loader))
    assert sorted(rows_of(loader)) == list(range(100))


def test_each_epoch_has_an_order_of_its_own_and_a_seed_repeats_it() -> None:
    """tensorflow#27680, tensorflow/datasets#3034: a shuffle that repeats its order, or that is ignored."""
    orders = [[rows_of(numbers().shuffle(3).epoch(epoch)) for epoch in range(3)] for _ in range(2)]
    assert orders[0] == orders[1]
    assert len(set(map(tuple, orders[0]))) == 3
    assert all(sorted(rows) == list(range(100)) for rows in orders[0])


@pytest.mark.parametrize("make", [numbers, stream])
def test_parts_of_shuffled_rows_share_none_in_any_epoch(make: Callable[[], hr.Dataset]) -> None:
    """tensorflow#59279, datasets#5435: `take` and `skip` after a shuffle leak test rows."""
    shuffled = make().shuffle(1)
    train, test = shuffled.skip(30), shuffled.take(30)
    held = set(rows_of(test))
    for epoch in range(3):
        assert not held & set(rows_of(train.epoch(epoch)))
        assert set(rows_of(test.epoch(epoch))) == held


def test_workers_of_a_data_loader_read_each_row_once_in_every_epoch() -> None:
    """pytorch#25162, tfrecord#78, datasets#6673, starVLA#470: workers repeat rows, or an epoch's order."""
    batches = numbers().shuffle(1).batch(8).to_torch()
    loader = DataLoader(batches, batch_size=None, num_workers=2, persistent_workers=True)
    assert len(loader) == 13  # pytorch#36176, pytorch#37753: len counts rows
    for epoch in range(2):
        batches.set_epoch(epoch)
        assert rows_of(loader) == rows_of(numbers().shuffle(1).epoch(epoch))


def test_an_error_in_a_worker_of_a_data_loader_names_the_cause() -> None:
    """pytorch#1355, pytorch#21554, pytorch#75147: a loader that hangs after a worker has failed."""

    def fail(_batch: pa.RecordBatch) -> pa.RecordBatch:
        raise ValueError("the row is damaged")

    loader = DataLoader(numbers().map(fail).batch(8).to_torch(), batch_size=None, num_workers=1)
    with pytest.raises(Exception, match="the row is damaged"):
        next(iter(loader))


def test_a_stream_of_unknown_length_has_no_length_and_says_so() -> None:
    """pytorch#23587, pytorch#41183, pytorch-lifestream#197: a length that is wrong."""
    assert len(numbers().batch(7).to_torch()) == 15
    assert stream().num_rows is None
    with pytest.raises(TypeError, match="unknown before reading"):
        len(stream().batch(7).to_torch())


@pytest.mark.parametrize("rows", [0, 1, 5, 9])
def test_ranks_with_few_rows_have_equally_many_batches(rows: int) -> None:
    """datasets#6437, pytorch#141069, lightning#20404, ray#17469, webdataset#65: a rank that waits forever."""
    parts = [numbers(rows).shuffle(1).shard(rank, 4, mask="real").batch(2) for rank in range(4)]
    batches = [list(part) for part in parts]
    assert len({tuple(sizes_of(each)) for each in batches}) == 1
    real = [
        row
        for each in batches
        for batch in each
        for row, is_real in zip(batch["row"].to_pylist(), batch["real"].to_pylist(), strict=True)
        if is_real
    ]
    assert sorted(real) == list(range(rows))


def test_shards_of_shards_divide_the_rows() -> None:
    """datasets#6990, datasets#6594: a rank of a rank, and workers of ranks."""
    found = [rows_of(numbers().shard(rank, 3).shard(worker, 2)) for rank in range(3) for worker in range(2)]
    assert sorted(row for rows in found for row in rows) == list(range(100))


def test_a_saved_position_continues_on_another_number_of_ranks() -> None:
    """litData#251, ray#48224: more or fewer ranks after a restart."""

    def ranks(count: int) -> list[Any]:
        return [iter(numbers().shuffle(1).share_batches(12, rank, count)) for rank in range(count)]

    whole = list(numbers().shuffle(1).batch(12))
    two = ranks(2)
    for _ in range(3):
        assert [next(each).num_rows for each in two] == [6, 6]
    state = two[1].state_of_shares(36)
    four = ranks(4)
    for each in four:
        each.seek(state, 9)
    found = sorted(row for each in four for row in rows_of(each))
    assert found == sorted(rows_of(whole[3:]))


@pytest.mark.parametrize("weights", [[3, 1], [0.999, 0.001]])
def test_a_mixture_loses_no_rows_when_it_is_shuffled(weights: list[float]) -> None:
    """datasets#5812, datasets#4893, datasets#7786: a mixture that ends early or repeats rows."""
    mixed = hr.Dataset.mix([numbers(30), numbers(70, 30)], weights=weights, seed=0)
    for epoch in range(2):
        assert sorted(rows_of(mixed.epoch(epoch))) == list(range(100))
        assert sorted(rows_of(mixed.shuffle(2).epoch(epoch))) == list(range(100))


def test_a_mixture_with_a_weight_of_zero_ends_or_is_refused() -> None:
    """datasets#7147: a mixture that waits forever for a dataset that it never draws from."""
    with pytest.raises(HeadraceError, match="a weight above 0 for each of 2 datasets"):
        list(hr.Dataset.mix([numbers(5), numbers(5)], weights=[1, 0], seed=0))


def test_a_cache_file_of_a_pass_that_ended_early_is_filled_by_the_next(tmp_path: Path) -> None:
    """tensorflow#18266, tensorflow#28798, tensorflow#15343: a lock file that stays."""
    cached = stream().batch(7).cache(tmp_path / "rows.arrow")
    iterator = iter(cached)
    next(iterator)
    del iterator
    gc.collect()
    for _ in range(2):
        assert rows_of(cached) == list(range(100))
    assert rows_of(hr.Dataset.zip([cached, cached.rename({"row": "same"})])) == list(range(100))
    both = [iter(cached), iter(cached)]
    assert [rows_of(each) for each in both] == [list(range(100))] * 2


def test_two_datasets_of_one_cached_dataset_are_zipped_in_the_first_pass(tmp_path: Path) -> None:
    """tensorflow#47545, tensorflow#30105: two readers of a cache that is not filled yet."""
    cached = stream().batch(7).cache(tmp_path / "rows.arrow")
    pairs = hr.Dataset.zip([cached, cached.rename({"row": "same"})])
    found = [pair for batch in pairs for pair in batch.to_pylist()]
    assert found == [{"row": row, "same": row} for row in range(100)]


@pytest.mark.parametrize("damage", ["cut", "empty", "other bytes"])
def test_a_damaged_cache_file_is_noticed(tmp_path: Path, damage: str) -> None:
    """tensorflow#12402, MONAI#7244: wrong rows, or an error without the name of the file."""
    path = tmp_path / "rows.arrow"
    cached = numbers().batch(7).cache(path)
    assert rows_of(cached) == list(range(100))
    data = path.read_bytes()
    path.write_bytes({"cut": data[: len(data) // 2], "empty": b"", "other bytes": b"x" * len(data)}[damage])
    try:
        found = rows_of(numbers().batch(7).cache(path))
    except HeadraceError as error:
        assert str(path) in str(error)  # noqa: PT017
    else:
        assert found == list(range(100))


@pytest.mark.parametrize("window", [None, 10])
def test_only_the_last_batch_after_a_shuffle_is_short(window: int | None) -> None:
    """ray#66085: short batches in the middle, so that ranks count different steps."""
    assert sizes_of(stream().shuffle(1, window=window or 1000).batch(7)) == [7] * 14 + [2]
    assert sizes_of(numbers().shuffle(1).batch(7, drop_remainder=True)) == [7] * 14


def test_batches_by_length_lose_no_rows_and_hold_the_longest() -> None:
    """tensorflow#47513, tensorflow/models#5699, tensorflow#55601: rows as long as a bound."""
    lengths = [0, 1, 8, 16, 16, 17, 100, 3]
    rows = pa.table({"x": [list(range(n)) for n in lengths], "row": range(len(lengths))})
    batches = list(hr.Dataset.from_arrow(rows).bucket_by_length("x", batch_size=3).pad("x", multiple_of=8))
    assert sorted(rows_of(batches)) == list(range(len(lengths)))
    assert max(batch["x"].type.list_size for batch in batches) == 104


def test_windows_keep_their_columns_and_do_not_shrink() -> None:
    """tensorflow#43703, tensorflow#27119, tensorflow#39414, tensorflow#51084: windows of several columns."""
    table = pa.table({"x": range(10), "y": range(10, 20)})
    windows = hr.Dataset.from_arrow(table).window(3, 2).batch(2)
    found = [row for batch in windows for row in batch.to_pylist()]
    assert found == [{"x": [k, k + 1, k + 2], "y": [k + 10, k + 11, k + 12]} for k in (0, 2, 4, 6)]


def test_pinned_batches_keep_strings_and_ragged_columns() -> None:
    """torchdata#1157, pytorch#32150, pytorch#70158, pytorch#18078: pinning that changes columns."""
    rows = pa.table({"x": [[1, 2], [3]], "word": ["hello", "world"]})
    batch = next(iter(hr.Dataset.from_arrow(rows).batch(1).to_torch(pin_memory=False)))
    assert list(batch["word"]) == ["hello"]
    assert batch["x"].values.tolist() == [1, 2]


def test_a_dataset_in_progress_is_pickled_for_a_worker() -> None:
    """pytorch#36650: what is saved is the position of an iterator, not of the dataset."""
    dataset = numbers().shuffle(1).batch(7)
    iterator = iter(dataset)
    next(iterator)
    again = pickle.loads(pickle.dumps(dataset))
    assert rows_of(resume(again, iterator.state_dict())) == rows_of(iterator)


def test_iterators_of_one_dataset_do_not_share_a_position() -> None:
    """webdataset#310, tensorflow#15343: two loops over one dataset, also in threads."""
    dataset = stream().shuffle(1, window=20).batch(7)
    whole, found = rows_of(dataset), list[list[int]]()
    threads = [threading.Thread(target=lambda: found.append(rows_of(dataset))) for _ in range(3)]
    for thread in threads:
        thread.start()
    pairs = list(zip(dataset, dataset, strict=True))
    for thread in threads:
        thread.join()
    assert [rows_of(each) for each in zip(*pairs, strict=True)] == [whole] * 2
    assert found == [whole] * 3


def test_a_state_of_other_rows_is_refused() -> None:
    """streaming#880, datasets#7444: a state that is ignored, and rows that are trained twice."""
    iterator = iter(numbers().shuffle(1).batch(7))
    next(iterator)
    for other in (numbers(99).shuffle(1).batch(7), numbers().shuffle(2).batch(7), numbers().batch(7)):
        with pytest.raises(HeadraceError, match="state"):
            resume(other, iterator.state_dict())
