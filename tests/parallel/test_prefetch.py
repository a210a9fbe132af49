import gc
import os
import threading
import weakref
from itertools import count

import pytest
from tests.waiting import PATIENCE, no_new_threads, wait_until

from headrace.errors import UsageError
from headrace.parallel import Depth, prefetch


class Item:
    """Something that can be referred to weakly."""


def thread_names() -> list[str]:
    return [thread.name for thread in threading.enumerate()]


@pytest.fixture(autouse=True)
def no_thread_left():
    with no_new_threads():
        yield


@pytest.mark.parametrize("limit", [1, 2, 7, 1000])
def test_items_arrive_in_order(limit):
    assert list(prefetch(iter(range(500)), limit)) == list(range(500))


def test_the_thread_starts_at_the_first_request():
    items = prefetch(iter(range(3)), 2)
    assert "headrace-prefetch" not in thread_names()
    assert list(items) == [0, 1, 2]


def test_no_more_than_the_limit_is_computed_in_advance():
    requested = [threading.Event() for _ in range(100)]

    def source():
        for event in requested:
            event.set()
            yield None

    items = prefetch(source(), 3)
    for consumed in range(1, 90):
        next(items)
        assert not requested[consumed + 3].is_set()
        assert requested[consumed + 1].wait(PATIENCE)  # the thread continues when half are consumed
    items.close()


def test_the_limit_may_depend_on_the_first_item():
    requested = [threading.Event() for _ in range(20)]

    def source():
        for number, event in enumerate(requested):
            event.set()
            yield number + 4

    items = prefetch(source(), lambda first: Depth(first, first))
    next(items)
    assert requested[3].wait(PATIENCE)
    assert not requested[5].is_set()
    assert list(items) == list(range(5, 24))


class UnevenSource:
    """Numbers, some of which are given only once the consumer waits for them."""

    def __init__(self, late: set[int], depth: Depth) -> None:
        self.late, self.requested = late, [threading.Event() for _ in range(60)]
        self.items = prefetch(self.numbers(), lambda _: depth)

    def numbers(self):
        for number, event in enumerate(self.requested):
            event.set()
            if number in self.late:
                wait_until(self.consumer_waits)
            yield number

    def consumer_waits(self) -> bool:
        return self.worker._waits_for_item and not self.worker.ready

    @property
    def worker(self):
        return self.items.gi_frame.f_locals["worker"]

    def check_in_advance(self, consumed: int, least: int, most: int) -> None:
        """Wait until `least` items are computed in advance; there must never be more than `most`."""
        wait_until(lambda: self.worker.waits_for_room)
        wait_until(lambda: self.count_requested() >= consumed + least)
        assert self.count_requested() <= consumed + most

    def count_requested(self) -> int:
        return sum(event.is_set() for event in self.requested)


def test_the_limit_is_doubled_when_the_consumer_waits_after_the_thread_did():
    source = UnevenSource({3, 8, 20}, Depth(2, 6))
    assert next(source.items) == 0
    source.check_in_advance(1, 2, 2)
    for late, limit in ((3, 4), (8, 6), (20, 6)):
        while next(source.items) < late:
            pass
        # The thread may compute the last one before the consumer takes the late one.
        source.check_in_advance(late + 1, limit - 1, limit)
    source.items.close()


def test_the_limit_stays_if_the_source_is_slower_than_the_consumer():
    source = UnevenSource(set(range(1, 20)), Depth(2, 6))
    assert [next(source.items) for _ in range(20)] == list(range(20))
    source.check_in_advance(20, 1, 2)
    source.items.close()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, MemoryError])
def test_an_error_arrives_after_the_items_before_it(error):
    def source():
        yield 1
        raise error("broken")

    items = prefetch(source(), 5)
    assert next(items) == 1
    with pytest.raises(error, match="broken"):
        next(items)


def test_the_iterator_is_closed_in_its_own_thread():
    closed_by = []

    def source():
        try:
            yield from count()
        finally:
            closed_by.append(threading.current_thread().name)

    items = prefetch(source(), 2)
    next(items)
    items.close()
    assert closed_by == ["headrace-prefetch"]


def test_a_consumer_that_stops_does_not_wait_for_an_item_that_hangs():
    hang, ended = threading.Event(), []

    def source():
        yield 1
        ended.append(hang.wait(PATIENCE))

    items = prefetch(source(), 2)
    next(items)
    items.close()
    assert not ended
    hang.set()


def test_a_consumed_item_is_not_kept_alive():
    hold = threading.Event()

    def source():
        yield Item()
        hold.wait(PATIENCE)
        yield Item()

    items = prefetch(source(), 2)
    item = weakref.ref(next(items))
    # The generator's own frame refers to the item until the next request.
    hold.set()
    next(items)
    assert item() is None
    items.close()


def test_the_garbage_collector_ends_the_thread_of_an_abandoned_iterator():
    items = prefetch(count(), 2)
    cycle = [items]
    cycle.append(cycle)
    next(items)
    del items, cycle
    gc.collect()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_gets_an_error_and_the_parent_goes_on():
    items = prefetch(iter(range(100)), 2)
    next(items)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            list(items)
        except UsageError as error:
            os.write(write, str(error).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        assert "forked while this iterator prefetched" in pipe.read()
    os.waitpid(child, 0)
    assert list(items) == list(range(1, 100))
