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
    (folder / "a.csv").write_text("x\n" + "\n".join(map(str, range(ROWS))))
    return {
        "arrow": Dataset.from_arrow(TABLE),
        "batches": Dataset.from_arrow(TABLE.to_batches(max_chunksize=11)),
        "stream": Dataset(Stream()),
        "parquet": Dataset.from_parquet(folder / "a.parquet"),
        "records": Dataset.from_records(files),
        "gzip": Dataset.from_records(packed),
        "csv": Dataset.from_csv(folder / "a.csv"),
    }


def double(batch):
    return batch.set_column(0, "x", pa.compute.multiply(batch["x"], 2))


def odd(batch):
    return pa.compute.not_equal(pa.compute.bit_wise_and(batch["x"], 3), 0)


def twice(batch):
    yield batch
    yield batch.slice(batch.num_rows // 2)


FOLDER = Path(tempfile.mkdtemp(prefix="headrace-test-"))
small = st.integers(1, 40)
STAGES = {
    "shuffle": lambda draw: _call("shuffle", draw(st.integers(0, 3)), draw(small)),
    "take": lambda draw: _call("take", draw(st.integers(0, 130))),
    "skip": lambda draw: _call("skip", draw(st.integers(0, 60))),
    "shard": lambda draw: _call("shard", draw(st.integers(0, 1)), draw(st.integers(2, 3))),
    "repeat": lambda draw: _call("repeat", draw(st.integers(1, 3))),
    "batch": lambda draw: _call("batch", draw(small), draw(st.booleans())),
    "map": lambda draw: _call("map", double, draw(st.sampled_from([1, 2]))),
    "filter": lambda _: _call("filter", odd),
    "prefetch": lambda draw: _call("prefetch", draw(st.integers(1, 3))),
    "cache": lambda _: _call("cache"),
    "cache_file": lambda _: _call("cache", "FILE"),
    "bucket_by_length": lambda draw: _call("bucket_by_length", "x", draw(small)),
    "flat_map": lambda _: _call("flat_map", twice),
    "resample": lambda draw: _call("resample", odd, {True: draw(st.integers(1, 3)), False: 1}),
}


def _call(name, *arguments):
    return name, arguments


@st.composite
def chains(draw):
    names = draw(st.lists(st.sampled_from(sorted(STAGES)), min_size=1, max_size=6))
    return [STAGES[name](draw) for name in names]


def build(ds, chain):
    for number, (name, arguments) in enumerate(chain):
        if arguments == ("FILE",):
            arguments = (FOLDER / f"{number}.arrow",)
        ds = getattr(ds, name)(*arguments)
    return ds


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    source=st.sampled_from(["arrow", "batches", "stream", "parquet", "records", "gzip", "csv"]),
    chain=chains(),
    epoch=st.integers(0, 2),
    data=st.data(),
)
def test_a_random_chain_resumes_at_any_batch(sources, source, chain, epoch, data):
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
    assert len(state) < 1000
    resumed = iter(build(sources[source], chain))
    resumed.load_state_dict(json.loads(state))
    assert resumed.state_dict() == json.loads(state)
    assert list(resumed) == whole[position:]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    source=st.sampled_from(["arrow", "batches", "stream", "parquet", "records", "gzip", "csv"]),
    chain=chains(),
    seed=st.integers(0, 3),
    rows=st.integers(1, 119),
)
def test_what_is_chosen_after_any_chain_is_the_same_in_every_epoch(sources, source, chain, seed, rows):
    chain = [step for step in chain if step[0] != "resample"]  # it keeps other rows in each epoch
    ds = build(sources[source], [*chain, ("shuffle", (seed, 20))])
    total = sum(batch.num_rows for batch in ds)
    names = {name for name, _ in chain}
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


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_and_prefetch_may_change(sources, threads):
    def pipeline(threads, depth):
        return sources["records"].shuffle(1).map(double, threads=threads).batch(7).prefetch(depth)

    whole = list(pipeline(1, 1))
    running = iter(pipeline(2, 4))
    head = [next(running) for _ in range(5)]
    resumed = iter(pipeline(threads, 1))
    resumed.load_state_dict(running.state_dict())
    assert head + list(resumed) == whole
