import gc
import os
import threading
import time
import weakref
from itertools import count

import pytest

from headrace.errors import UsageError
from headrace.parallel import prefetch


class Item:
    """Something that can be referred to weakly."""


def thread_names() -> list[str]:
    return [thread.name for thread in threading.enumerate()]


@pytest.fixture(autouse=True)
def no_thread_left():
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


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
        assert requested[consumed + 1].wait(10)  # the thread continues when half are consumed
    items.close()


def test_the_limit_may_depend_on_the_first_item():
    requested = [threading.Event() for _ in range(20)]

    def source():
        for number, event in enumerate(requested):
            event.set()
            yield number + 4

    items = prefetch(source(), lambda first: first)
    next(items)
    assert requested[3].wait(10)
    assert not requested[5].is_set()
    assert list(items) == list(range(5, 24))


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
    hang = threading.Event()

    def source():
        yield 1
        hang.wait(60)

    items = prefetch(source(), 2)
    next(items)
    started = time.monotonic()
    items.close()
    assert time.monotonic() - started < 1
    hang.set()
    for thread in threading.enumerate():
        if thread.name == "headrace-prefetch":
            thread.join()


def test_a_consumed_item_is_not_kept_alive():
    hold = threading.Event()

    def source():
        yield Item()
        hold.wait(60)
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
