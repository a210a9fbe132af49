from itertools import chain

import pytest

from headrace.errors import UsageError


@pytest.mark.parametrize("shards", [1, 2, 7, 150])
def test_shards_are_disjoint_even_and_complete(numbered, rows_of, shards):
    parts = [rows_of(numbered.shard(index, shards)) for index in range(shards)]
    assert sorted(chain.from_iterable(parts)) == list(range(103))
    assert {len(part) for part in parts} <= {103 // shards, 103 // shards + 1}
    assert parts[0] == list(range(0, 103, shards))


def test_a_shard_out_of_range_is_refused(numbered):
    with pytest.raises(UsageError, match="shard 3 of 3; number the shards from 0"):
        numbered.shard(3, 3)
