from itertools import chain

import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError


@pytest.mark.parametrize("shards", [1, 2, 7, 150])
def test_shards_are_disjoint_even_and_complete(numbered, rows_of, shards):
    parts = [rows_of(numbered.shard(index, shards)) for index in range(shards)]
    assert sorted(chain.from_iterable(parts)) == list(range(103))
    assert {len(part) for part in parts} <= {103 // shards, 103 // shards + 1}
    assert parts[0] == list(range(0, 103, shards))


def test_a_shard_out_of_range_is_refused(numbered):
    with pytest.raises(UsageError, match="shard 3 of 3; number the shards from 0"):
        numbered.shard(3, 3)


class Stream:
    """Rows that can only be read from the start."""

    def __init__(self, rows, size):
        self.table, self.size = pa.table({"x": range(rows)}), size
        self.schema, self.num_rows = self.table.schema, rows

    def read(self):
        return iter(self.table.to_batches(max_chunksize=self.size))


@pytest.mark.parametrize("shards", [1, 2, 7, 150])
@pytest.mark.parametrize("rows", [1, 6, 103])
@pytest.mark.parametrize(
    "make", [lambda rows: Dataset.from_arrays({"x": range(rows)}), lambda rows: Dataset(Stream(rows, 5))]
)
def test_with_a_mask_all_shards_have_equally_many_rows_and_each_row_once(make, rows, shards):
    ds = make(rows).shuffle(3)
    parts = [ds.shard(index, shards, mask="real") for index in range(shards)]
    found = [[row for batch in part for row in batch.to_pylist()] for part in parts]
    assert {len(part) for part in found} == {-(-rows // shards)} == {part.num_rows for part in parts}
    assert sorted(row["x"] for part in found for row in part if row["real"]) == list(range(rows))
    assert all(part.schema == next(iter(part)).schema for part in parts)


@pytest.mark.parametrize("size", [1, 3, 10, 100])
def test_a_masked_shard_of_a_stream_resumes_anywhere(size):
    for index in range(4):
        ds = Dataset(Stream(10, size)).shard(index, 4, mask="real")
        whole = list(ds)
        running = iter(ds)
        for position in range(len(whole) + 1):
            resumed = iter(ds)
            resumed.load_state_dict(running.state_dict())
            assert list(resumed) == whole[position:]
            next(running, None)


def test_a_mask_named_like_a_column_is_refused(numbered):
    with pytest.raises(SchemaError, match="feature 'row': the rows already have a column of this name"):
        list(numbered.shard(0, 2, mask="row"))
