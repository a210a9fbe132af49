import pytest

from headrace.data import Dataset


class CountedSource:
    def __init__(self, batches):
        self.batches, self.readings = batches, 0
        self.schema, self.num_rows = batches[0].schema, sum(b.num_rows for b in batches)

    def read(self):
        self.readings += 1
        return iter(self.batches)


@pytest.fixture
def source(batches):
    return CountedSource(batches)


def test_the_source_is_read_once(source):
    ds = Dataset(source).cache()
    assert list(ds) == list(ds.epoch(1)) == list(ds.batch(200).cache().epoch(2))[0:0] + list(ds)
    assert source.readings == 1


def test_a_pass_that_stops_early_caches_nothing(source):
    ds = Dataset(source).cache()
    assert len(list(ds.take(3))) == 1
    assert sum(batch.num_rows for batch in ds) == 103
    assert source.readings == 2


def test_cached_rows_do_not_depend_on_the_epoch_of_the_first_pass(source, rows_of):
    def build():
        return Dataset(source).shuffle(1).cache()

    assert rows_of(build().epoch(5)) == rows_of(build().epoch(0))


def test_a_shuffle_after_it_differs_by_epoch(source, rows_of):
    ds = Dataset(source).cache().shuffle(1)
    assert rows_of(ds.epoch(0)) != rows_of(ds.epoch(1))
    assert source.readings == 1
