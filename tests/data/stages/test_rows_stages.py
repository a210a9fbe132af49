"""The rows that take, skip, shard and repeat yield."""

from itertools import chain

import numpy as np
import pytest

from headrace.data import Dataset
from headrace.errors import UsageError


@pytest.mark.parametrize("rows", [0, 1, 10, 48, 102, 103, 200])
def test_take_and_skip_are_complementary(numbered, rows_of, rows):
    assert rows_of(numbered.take(rows)) == list(range(103))[:rows]
    assert rows_of(numbered.skip(rows)) == list(range(103))[rows:]


def test_take_reads_no_further_than_needed(batches, rows_of):
    def explode(batch):
        assert batch["row"][0].as_py() < 48
        return batch

    assert rows_of(Dataset.from_arrow(batches).map(explode).take(48)) == list(range(48))


@pytest.mark.parametrize("shards", [1, 2, 7, 150])
def test_shards_are_disjoint_even_and_complete(numbered, rows_of, shards):
    parts = [rows_of(numbered.shard(index, shards)) for index in range(shards)]
    assert sorted(chain.from_iterable(parts)) == list(range(103))
    assert {len(part) for part in parts} <= {103 // shards, 103 // shards + 1}
    assert parts[0] == list(range(0, 103, shards))


def test_a_shard_out_of_range_is_refused(numbered):
    with pytest.raises(UsageError, match="shard 3 of 3; number the shards from 0"):
        numbered.shard(3, 3)


def test_repeat_never_repeats_an_order(numbered, rows_of):
    ds = numbered.shuffle(1).repeat(2)
    passes = [tuple(part) for epoch in (0, 1) for part in np.split(np.array(rows_of(ds.epoch(epoch))), 2)]
    assert len(set(passes)) == 4
    assert all(sorted(part) == list(range(103)) for part in passes)
    assert rows_of(numbered.shuffle(1).epoch(3)) == list(passes[3])
