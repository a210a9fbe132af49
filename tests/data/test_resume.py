"""Random chains of stages over every kind of source, resumed anywhere, continue as if never interrupted."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from headrace import records
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
from headrace.errors import UsageError

ROWS = 120
TABLE = pa.table({"x": np.arange(ROWS), "words": pa.array([[k] * (k % 4) for k in range(ROWS)])})


class Stream:
    """Rows that can only be read from the start, in batches of 7."""

    schema, num_rows = TABLE.schema, ROWS
    fingerprint = "stream"

    def read(self):
        return iter(TABLE.to_batches(max_chunksize=7))


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    pq.write_table(TABLE, folder / "a.parquet", row_group_size=13)
    files = records.write(folder / "a", TABLE.to_batches(), shards=3)
    packed = records.write(folder / "b", TABLE.to_batches(), shards=2, compression="gzip")
    lines = Dataset.from_arrow(TABLE).write(folder / "a.jsonl", "jsonl", 2)
    (folder / "a.csv").write_text("x\n" + "\n".join(map(str, range(ROWS))))
    return {
        "arrow": Dataset.from_arrow(TABLE),
        "batches": Dataset.from_arrow(TABLE.to_batches(max_chunksize=11)),
        "stream": Dataset(Stream()),
        "parquet": Dataset.from_parquet(folder / "a.parquet"),
        "records": Dataset.from_records(files),
        "gzip": Dataset.from_records(packed),
        "csv": Dataset.from_csv(folder / "a.csv").map(add_words),
        "json": Dataset.from_json_lines(lines),
    }


def add_words(batch):
    words = pa.array([[k] * (k % 4) for k in batch["x"].to_pylist()], pa.list_(pa.int64()))
    return batch.append_column("words", words)


def double(batch):
    return batch.set_column(0, "x", pa.compute.multiply(batch["x"], 2))


def odd(batch):
    return pa.compute.not_equal(pa.compute.bit_wise_and(batch["x"], 3), 0)


def twice(batch):
    yield batch
    yield batch.slice(batch.num_rows // 2)


FOLDER = Path(tempfile.mkdtemp(prefix="headrace-test-"))
small = st.integers(1, 40)
flag = st.integers(0, 1)


def _call(name, *arguments, **options):
    return name, arguments, options


STAGES = {  # in the middle of a chain: rows keep the columns x and words
    Batch: lambda draw: _call("batch", draw(small), draw(st.booleans())),
    BatchShare: lambda draw: _call("share_batches", draw(st.integers(2, 40)), draw(flag), 2),
    BucketByLength: lambda draw: _call("bucket_by_length", "x", draw(small)),
    Cache: lambda _: _call("cache"),
    CacheFile: lambda _: _call("cache", "FILE"),
    Choose: lambda draw: _call("apply", Choose.from_rows(np.arange(draw(small), 100, draw(small)))),
    EveryNthBatch: lambda draw: _call("apply", EveryNthBatch(draw(flag), 2)),
    Filter: lambda _: _call("filter", odd),
    FlatMap: lambda _: _call("flat_map", twice),
    Map: lambda draw: _call("map", double, draw(st.sampled_from([1, 2]))),
    Prefetch: lambda draw: _call("prefetch", draw(st.integers(1, 3))),
    Rename: lambda _: _call("rename", {"x": "x"}),
    Repeat: lambda draw: _call("repeat", draw(st.integers(1, 3))),
    Resample: lambda draw: _call("resample", odd, {True: draw(st.integers(1, 3)), False: 1}),
    Shard: lambda draw: _call("shard", draw(flag), draw(st.integers(2, 3))),
    ShardBatches: lambda draw: _call("apply", ShardBatches(draw(flag), 2, draw(small))),
    Shuffle: lambda draw: _call("shuffle", draw(st.integers(0, 3)), draw(small)),
    Skip: lambda draw: _call("skip", draw(st.integers(0, 60))),
    Take: lambda draw: _call("take", draw(st.integers(0, 130))),
    Weigh: lambda draw: ("weights", (odd, {True: draw(small), False: 1}), {"name": "NAME"}),
    "concatenate": lambda _: _call("concatenate"),
    "interleave": lambda draw: _call("interleave", draw(st.integers(1, 3)), draw(small)),
    "mix": lambda draw: _call("mix", [draw(small), 20], stop=draw(st.sampled_from(["all", "first"]))),
    "zip": lambda _: _call("zip"),
}
LAST = {  # at the end: rows have other columns then
    Drop: lambda _: _call("drop", "x"),
    Pack: lambda draw: _call("pack", "words", draw(st.integers(1, 9)), pool=draw(small)),
    Pad: lambda draw: _call("pad", "words", draw(st.sampled_from([None, 5]))),
    Select: lambda _: _call("select", "x"),
    SlidingWindow: lambda draw: _call("window", draw(st.integers(1, 9)), draw(st.integers(1, 9))),
    Unbatch: lambda _: _call("unbatch", "words"),
}
COMBINED = {"concatenate", "interleave", "mix", "zip"}
NAMES = {stage: stage if isinstance(stage, str) else stage.__name__ for stage in (*STAGES, *LAST)}


def test_every_stage_is_in_the_chains():
    assert {*STAGES, *LAST} - COMBINED == {*list_stages()}


@st.composite
def chains(draw, *, most=6):
    stages = draw(st.lists(st.sampled_from(sorted(STAGES, key=NAMES.get)), min_size=1, max_size=most))
    return [STAGES[stage](draw) for stage in stages]


@st.composite
def ends(draw):
    last = draw(st.sampled_from([None, *sorted(LAST, key=NAMES.get)]))
    if last is None:
        return []
    stage = LAST[last](draw)
    is_even = last is not Pad or stage[1][1] is not None  # rows of other lengths do not share a batch
    return [stage, *([_call("batch", 7)] if is_even and draw(st.booleans()) else [])]


def build(ds, chain):
    for number, (name, arguments, options) in enumerate(chain):
        if arguments == ("FILE",):
            arguments = (FOLDER / f"{number}.arrow",)
        if options.get("name") == "NAME":
            options = {"name": f"weight{number}"}
        if name == "zip":
            ds = Dataset.zip([ds, ds.select("x").rename({"x": f"x{number}"})])
        elif name in ("concatenate", "interleave", "mix"):
            ds = getattr(Dataset, name)([ds, ds.shuffle(number, window=9)], *arguments, **options)
        else:
            ds = getattr(ds, name)(*arguments, **options)
    return ds


SOURCES = ["arrow", "batches", "stream", "parquet", "records", "gzip", "csv", "json"]


@settings(
    deadline=None,
    max_examples=250,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    source=st.sampled_from(SOURCES),
    chain=chains(),
    end=ends(),
    epoch=st.integers(0, 2),
    data=st.data(),
)
def test_a_random_chain_resumes_at_any_batch(sources, source, chain, end, epoch, data):
    chain = [*chain, *end]
    ds = build(sources[source], chain)
    try:
        whole = list(ds.epoch(epoch))
    except UsageError as error:
        assume("no row is of class" not in str(error))
        raise
    position = data.draw(st.integers(0, len(whole)))
    running = iter(ds.epoch(epoch))
    for _ in range(position):
        next(running)
    state = json.dumps(running.state_dict())
    running.close()
    assert len(state) < 1000 or {name for name, _, _ in chain} & COMBINED
    resumed = iter(build(sources[source], chain))
    resumed.load_state_dict(json.loads(state))
    assert resumed.state_dict() == json.loads(state)
    assert list(resumed) == whole[position:]


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    source=st.sampled_from(SOURCES),
    chain=chains(),
    seed=st.integers(0, 3),
    rows=st.integers(1, 119),
)
def test_what_is_chosen_after_any_chain_is_the_same_in_every_epoch(sources, source, chain, seed, rows):
    varying = {"resample", "mix"}  # in each epoch other rows, or as many in another order of its own
    chain = [step for step in chain if step[0] not in varying]
    ds = build(sources[source], [*chain, _call("shuffle", seed, 20)])
    total = sum(batch.num_rows for batch in ds)
    names = {name for name, _, _ in chain}
    if "repeat" in names and names & {"filter", "batch", "resample"}:
        return  # epochs then differ in their number of rows
    first = [values(ds.take(rows).epoch(epoch)) for epoch in range(3)]
    rest = [values(ds.skip(rows).epoch(epoch)) for epoch in range(3)]
    assert all(sorted(each) == sorted(first[0]) for each in first)
    assert all(sorted(each) == sorted(rest[0]) for each in rest)
    assert len(first[0]) + len(rest[0]) == total


def values(ds):
    return [value for batch in ds for value in batch["x"].to_pylist()]


@pytest.mark.parametrize("source", ["arrow", "records"])
@pytest.mark.parametrize("drop", [False, True])
@pytest.mark.parametrize(("before", "after"), [(1, 4), (4, 1), (2, 3), (6, 2)])
def test_another_number_of_shards_continues_with_the_same_global_batches(
    sources, source, before, after, drop
):
    def open_ranks(shards):
        ds = sources[source].shuffle(5).map(double)
        return [iter(ds.shard(rank, shards).batch(12 // shards, drop)) for rank in range(shards)]

    def read_global(ranks):
        return sorted(value for rank in ranks for value in next(rank)["x"].to_pylist())

    whole = open_ranks(1)
    expected = [read_global(whole) for _ in range(ROWS // 12)]
    ranks = open_ranks(before)
    assert [read_global(ranks) for _ in range(4)] == expected[:4]
    states = [rank.state_dict() for rank in ranks]
    assert all(state["cursor"] == states[0]["cursor"] for state in states)
    resumed = open_ranks(after)
    for rank in resumed:
        rank.load_state_dict(states[0])
    assert [read_global(resumed) for _ in range(4, 10)] == expected[4:]


def test_a_position_that_other_shards_do_not_share_is_refused(sources):
    ds = sources["arrow"].shuffle(5)
    rank = iter(ds.shard(0, 2).batch(3))
    next(rank)
    with pytest.raises(UsageError, match="expected a state of the pipeline"):
        iter(ds.shard(0, 3).batch(3)).load_state_dict(rank.state_dict())


@pytest.mark.parametrize("threads", [1, 3, "auto"])
def test_threads_and_prefetch_may_change(sources, threads):
    def pipeline(threads, depth):
        return sources["records"].shuffle(1).map(double, threads=threads).batch(7).prefetch(depth)

    whole = list(pipeline(1, 1))
    running = iter(pipeline(2, 4))
    head = [next(running) for _ in range(5)]
    resumed = iter(pipeline(threads, 1))
    resumed.load_state_dict(running.state_dict())
    assert head + list(resumed) == whole
