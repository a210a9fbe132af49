import threading
import traceback

import numpy as np
import pyarrow as pa
import pytest
from tests.waiting import PATIENCE

from headrace.data import Dataset
from headrace.errors import UsageError

pytestmark = pytest.mark.usefixtures("no_thread_left")


def fail_at_fifty(batch):
    if batch["row"][0].as_py() >= 50:
        raise ZeroDivisionError("at fifty")
    return batch


def test_an_error_is_raised_at_its_position_with_the_threads_traceback(numbered):
    iterator = iter(numbered.batch(10).map(fail_at_fifty).prefetch(4))
    assert [next(iterator).num_rows for _ in range(5)] == [10] * 5
    with pytest.raises(ZeroDivisionError, match="at fifty") as caught:
        next(iterator)
    assert "fail_at_fifty" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]


def test_dropping_the_iterator_ends_the_thread(numbered):
    iterator = iter(numbered.batch(1).prefetch(2))
    next(iterator)
    assert "headrace-prefetch" in {thread.name for thread in threading.enumerate()}
    del iterator


def test_breaking_out_of_a_loop_ends_the_thread(numbered):
    for _ in numbered.batch(1).prefetch(2).batch(3):
        break


def test_it_prefetches_the_requested_number_of_batches(batches):
    source = WatchedSource(batches[0])
    iterator = iter(Dataset(source).prefetch(3))
    for consumed in range(1, 90):
        next(iterator)
        assert not source.requested[consumed + 3].is_set()
        assert source.requested[consumed + 1].wait(PATIENCE)
    iterator.close()


@pytest.mark.parametrize(
    ("rows", "first", "most"), [(1, 16, 64), (1 << 18, 8, 32), (1 << 20, 2, 8), (1 << 22, 2, 2)]
)
@pytest.mark.parametrize("arguments", [(), ("auto",)], ids=["default", "auto"])
def test_by_default_it_begins_with_what_fits_into_16_mb(rows, first, most, arguments):
    source = WatchedSource(pa.record_batch({"x": np.zeros(rows)}))
    iterator = iter(Dataset(source).prefetch(*arguments))
    next(iterator)
    assert source.requested[first // 2].wait(PATIENCE)
    assert not source.requested[1 + first].is_set()
    for consumed in range(2, 100 - most):
        next(iterator)
        assert not source.requested[consumed + most].is_set()
    iterator.close()


def test_other_words_than_auto_are_refused(numbered):
    with pytest.raises(
        UsageError, match=r'batches: expected an integer, got .many.; pass 1 or more, or "auto"'
    ):
        numbered.prefetch("many")


class WatchedSource:
    """A hundred batches, with an event for each that is set when it is requested."""

    def __init__(self, batch: pa.RecordBatch):
        self.batch, self.schema, self.num_rows = batch, batch.schema, None
        self.requested = [threading.Event() for _ in range(100)]

    def read(self):
        for event in self.requested:
            event.set()
            yield self.batch
