"""What every registered stage must do. A stage without CASES fails."""

import json
import pickle
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from headrace.data import Dataset
from headrace.data.stages import (
    Batch,
    BatchShare,
    BucketByLength,
    Cache,
    CacheFile,
    Choose,
    Drop,
    EveryNthBatch,
    Filter,
    FlatMap,
    Map,
    Pack,
    Pad,
    Prefetch,
    Rename,
    Repeat,
    Resample,
    Select,
    Shard,
    ShardBatches,
    Shuffle,
    Skip,
    SlidingWindow,
    Take,
    Unbatch,
    Weigh,
    list_stages,
)


def same(batch):
    return batch


def odd(batch):
    return np.asarray(batch["row"]) % 2 == 1


def first_half(batch):
    return batch.slice(0, batch.num_rows // 2)


def halves(batch):
    yield batch.slice(0, batch.num_rows // 2)
    yield batch.slice(0, 0)
    yield batch.slice(batch.num_rows // 2)


def add_key(batch):
    """Add runs of 1 to 13 equal keys, some of them null."""
    row = np.asarray(batch["row"])
    key = pa.array(row * row // 150 % 5)
    key = pc.if_else(pc.equal(key, 3), None, key)
    return batch.append_column("key", key)


FOLDER = Path(tempfile.mkdtemp(prefix="headrace-test-"))
CASES = {
    Batch: [
        lambda ds: ds.batch(1),
        lambda ds: ds.batch(7),
        lambda ds: ds.batch(8, drop_remainder=True),
        lambda ds: ds.batch(500),
    ],
    BatchShare: [
        lambda ds: ds.share_batches(7, 0, 1),
        lambda ds: ds.share_batches(7, 1, 2),
        lambda ds: ds.shuffle(3).share_batches(16, 2, 5),
        lambda ds: ds.filter(odd).share_batches(9, 2, 3),
        lambda ds: ds.share_batches(99, 1, 3),
    ],
    BucketByLength: [
        lambda ds: ds.bucket_by_length("words", 4, pool=3),
        lambda ds: ds.shuffle(1).bucket_by_length("name", tokens=40, pool=2, seed=5),
        lambda ds: ds.bucket_by_length("row", 500),
        lambda ds: ds.bucket_by_length("words", 3, pool=4).take(20),
    ],
    Cache: [lambda ds: ds.cache(), lambda ds: ds.cache().shuffle(1)],
    Choose: [
        lambda ds: ds.apply(Choose.from_rows(np.arange(0, 100, 3))),
        lambda ds: ds.apply(Choose.from_rows(np.arange(0, 100, 3))).shuffle(2),
        lambda ds: ds.shuffle(2).apply(Choose.from_rows(np.arange(10, 60))),
        lambda ds: ds.filter(odd).apply(Choose.from_rows(np.array([0, 3, 5, 40]))),
    ],
    EveryNthBatch: [
        lambda ds: ds.batch(7).apply(EveryNthBatch(0, 1)),
        lambda ds: ds.batch(7).apply(EveryNthBatch(2, 4)),
        lambda ds: ds.batch(50).apply(EveryNthBatch(8, 9)),
    ],
    CacheFile: [
        lambda ds: ds.cache(FOLDER / "a.arrow"),
        lambda ds: ds.shuffle(2).cache(FOLDER / "b.arrow").shuffle(1).batch(7),
    ],
    Filter: [lambda ds: ds.filter(odd)],
    Map: [
        lambda ds: ds.map(same),
        lambda ds: ds.map(same, threads=3),
        lambda ds: ds.map(same, threads="auto"),
        lambda ds: ds.batch(40).map(same, processes=2),
    ],
    Prefetch: [
        lambda ds: ds.prefetch(1),
        lambda ds: ds.batch(3).prefetch("auto"),
        lambda ds: ds.batch(5).prefetch(3).batch(2),
    ],
    Repeat: [lambda ds: ds.repeat(1), lambda ds: ds.shuffle(4, window=9).repeat(3)],
    Shard: [lambda ds: ds.shard(0, 1), lambda ds: ds.shard(2, 5), lambda ds: ds.shard(150, 200)],
    ShardBatches: [
        lambda ds: ds.apply(ShardBatches(1, 3, 7)).batch(7),
        lambda ds: ds.filter(odd).apply(ShardBatches(1, 3, 7)).batch(7),
        lambda ds: ds.shuffle(7).apply(ShardBatches(3, 4, 16)),
        lambda ds: ds.filter(odd).apply(ShardBatches(8, 9, 200)),
    ],
    Shuffle: [
        lambda ds: ds.shuffle(0),
        lambda ds: ds.shuffle(7, window=1),
        lambda ds: ds.shuffle(7, window=16),
        lambda ds: ds.shuffle(7, window=17),
    ],
    Skip: [lambda ds: ds.skip(0), lambda ds: ds.skip(55), lambda ds: ds.skip(1000)],
    Take: [lambda ds: ds.take(0), lambda ds: ds.take(55), lambda ds: ds.take(1000)],
}
RESHAPED = {  # stages whose output has other columns or other rows than their input
    Drop: [lambda ds: ds.drop("name"), lambda ds: ds.batch(9).drop(["words", "image"])],
    FlatMap: [
        lambda ds: ds.flat_map(halves),
        lambda ds: ds.batch(9).flat_map(first_half),
    ],
    Pack: [
        lambda ds: ds.pack("words", 5, pool=3),
        lambda ds: ds.select(["words", "row"]).pack("words", 2, separator=-1, pool=4, seed=2),
        lambda ds: ds.shuffle(3).pack("words", 100),
        lambda ds: ds.pack("words", 4, pool=2).take(9),
    ],
    Pad: [
        lambda ds: ds.pad("words", 4),
        lambda ds: ds.batch(9).pad("words", 2, value=-1, truncate=True, mask=True, lengths=True),
    ],
    Rename: [lambda ds: ds.rename({"name": "label", "row": "name"})],
    Resample: [
        lambda ds: ds.resample(odd, {True: 0.8, False: 0.2}),
        lambda ds: ds.resample("row", {k: k for k in range(1, 50)}, initial=dict.fromkeys(range(50), 1)),
        lambda ds: ds.resample(odd, {True: 1}, seed=3).shuffle(1, window=20).take(15),
        lambda ds: ds.resample(odd, {True: 1, False: 1.5}).take(25),
    ],
    SlidingWindow: [
        lambda ds: ds.window(1),
        lambda ds: ds.window(5, 3, stride=2),
        lambda ds: ds.drop("words").window(4, horizon=2, targets=["row", "image"]),
        lambda ds: ds.select(["row", "name", "maybe"]).window(3, 7, drop_remainder=False).batch(4),
        lambda ds: ds.map(add_key).window(3, 2, key="key", horizon=1, targets="row"),
        lambda ds: ds.map(add_key).window(4, 9, key=["key", "maybe"], drop_remainder=False),
        lambda ds: ds.window(90),
        lambda ds: ds.batch(1).window(70, 100),
        lambda ds: ds.window(500),
    ],
    Unbatch: [lambda ds: ds.unbatch("words"), lambda ds: ds.batch(7).unbatch("pair")],
    Weigh: [
        lambda ds: ds.weights(odd),
        lambda ds: ds.shuffle(1).weights(odd, {True: 2.5, False: 1}, name="w").batch(9),
    ],
    Select: [lambda ds: ds.select("row"), lambda ds: ds.shuffle(2).batch(9).select(["name", "words"])],
}
PIPELINES = [
    pytest.param(case, id=f"{stage.__name__}-{number}")
    for stage, cases in CASES.items()
    for number, case in enumerate(cases)
] + [
    pytest.param(
        lambda ds: (
            ds.cache().shuffle(3, window=20).repeat(2).map(same, threads=2).filter(odd).batch(6).prefetch(2)
        ),
        id="all-together",
    )
]
RESHAPING = [
    pytest.param(case, id=f"{stage.__name__}-{number}")
    for stage, cases in RESHAPED.items()
    for number, case in enumerate(cases)
]
every_pipeline = pytest.mark.parametrize("build", [*PIPELINES, *RESHAPING])
every_pipeline_of_rows = pytest.mark.parametrize("build", PIPELINES)


def test_every_stage_has_cases():
    assert {*CASES, *RESHAPED} == set(list_stages())


@every_pipeline
def test_two_passes_yield_the_same_batches(build, numbered):
    ds = build(numbered)
    assert list(ds) == list(ds) == list(build(numbered))


@every_pipeline_of_rows
def test_rows_stay_intact_and_are_counted(build, numbered, rows_of):
    ds = build(numbered)
    assert ds.schema == numbered.schema
    rows = rows_of(ds)
    assert ds.num_rows in (None, len(rows))


@every_pipeline
def test_every_batch_has_the_schema(build, numbered):
    ds = build(numbered)
    assert all(batch.schema == ds.schema for batch in ds)
    assert ds.num_rows in (None, sum(batch.num_rows for batch in ds))


@every_pipeline
@pytest.mark.parametrize("epoch", [0, 3])
def test_resume_at_every_position_equals_the_uninterrupted_stream(build, numbered, epoch):
    numbered = numbered.take(60)  # the check is quadratic
    ds = build(numbered).epoch(epoch)
    whole = list(ds)
    running = iter(ds)
    for position in range(len(whole) + 1):
        state = json.loads(json.dumps(running.state_dict()))
        resumed = iter(build(numbered))
        resumed.load_state_dict(state)
        assert resumed.state_dict() == state
        assert list(resumed) == whole[position:]
        next(running, None)


@every_pipeline
def test_malformed_states_are_refused(build, numbered, check_malformed_states):
    check_malformed_states(lambda: build(numbered.take(40)))


@every_pipeline
def test_parts_hold_the_same_rows_after_pickling_too(build, numbered):
    ds = build(numbered)
    parts = ds.parts
    if parts is None:
        assert any(stage.per_part is None for stage in ds.stages)
        return
    rows = [
        str(row) for part in pickle.loads(pickle.dumps(parts)) for batch in part for row in batch.to_pylist()
    ]
    assert sorted(rows) == sorted(str(row) for batch in ds for row in batch.to_pylist())


@every_pipeline
def test_an_empty_source_yields_no_rows(build, numbered):
    empty = Dataset.from_arrow(numbered.schema.empty_table())
    assert sum(batch.num_rows for batch in build(empty)) == 0
    assert build(empty).schema == build(numbered).schema


@pytest.mark.usefixtures("no_thread_left")
@every_pipeline
def test_stopping_early_closes_the_source_and_leaves_no_thread(build, batches):
    source = OpenSource(batches)
    iterator = iter(build(Dataset(source)))
    next(iterator, None)
    iterator.close()
    assert source.open == 0
    assert next(iterator, None) is None


class OpenSource:
    """Counts the reads that have started and not ended."""

    def __init__(self, batches):
        self.batches, self.open = batches, 0
        self.schema, self.num_rows = batches[0].schema, sum(b.num_rows for b in batches)

    def read(self):
        self.open += 1
        try:
            yield from self.batches
        finally:
            self.open -= 1
