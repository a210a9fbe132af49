import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headrace.data import Dataset
from headrace.errors import UsageError

FACTOR = 1


def scale(batch):
    return pa.record_batch({"x": pa.array(np.asarray(batch["x"]) * FACTOR)})


@pytest.fixture
def rows(tmp_path):
    pq.write_table(pa.table({"x": range(100)}), tmp_path / "rows.parquet")
    return lambda: Dataset.from_parquet(tmp_path / "rows.parquet").map(scale).cache(tmp_path / "cache.arrow")


def values(ds):
    return [value for batch in ds for value in batch["x"].to_pylist()]


class CountedSource:
    """Rows that count how often they are read."""

    table, readings, fingerprint = pa.table({"x": range(100)}), 0, "counted"
    schema, num_rows = table.schema, 100

    def read(self):
        self.readings += 1
        return iter(self.table.to_batches(max_chunksize=10))


def test_the_source_is_read_in_the_first_pass_only(tmp_path):
    source = CountedSource()

    def rows():
        return Dataset(source).cache(tmp_path / "cache.arrow")

    assert values(rows()) == values(rows()) == values(rows().epoch(1)) == list(range(100))
    assert sorted(values(rows().shuffle(1))) == list(range(100))
    assert [batch.num_rows for batch in rows()] == [10] * 10
    assert source.readings == 1


def test_a_pass_that_stops_early_leaves_no_file(rows, tmp_path):
    iterator = iter(rows())
    next(iterator)
    iterator.close()
    assert [path.name for path in tmp_path.iterdir()] == ["rows.parquet"]


def test_other_data_and_other_globals_write_the_cache_anew(rows, tmp_path, monkeypatch):
    values(rows())
    monkeypatch.setattr(f"{__name__}.FACTOR", 3)
    assert values(rows()) == list(range(0, 300, 3))
    pq.write_table(pa.table({"x": range(1, 101)}), tmp_path / "rows.parquet")
    assert values(rows()) == list(range(3, 303, 3))


def test_what_cannot_be_identified_is_never_used_again(tmp_path):
    generator = np.random.default_rng(0)

    def add_noise(batch):
        return pa.record_batch({"x": pa.array(generator.random(batch.num_rows))})

    def make():
        return Dataset.from_arrays({"x": range(10)}).map(add_noise).cache(tmp_path / "cache.arrow")

    with pytest.warns(RuntimeWarning, match="each pass writes the cache anew"):
        first = values(make())
    with pytest.warns(RuntimeWarning, match="each pass writes the cache anew"):
        assert values(make()) != first


def test_another_file_of_this_name_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    ds = Dataset.from_arrays({"x": range(10)}).cache(tmp_path / "notes.txt")
    with pytest.raises(UsageError, match=r"notes.txt: not a cache file .*; delete it, or name another file"):
        list(ds)
    assert (tmp_path / "notes.txt").read_text() == "mine"
