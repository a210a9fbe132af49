import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor

import pytest
from tests.waiting import PATIENCE, no_new_threads

from headrace.parallel import ThreadPool, ordered_map, thread_pool


@pytest.fixture
def pool():
    with no_new_threads():
        pool = ThreadPool(2, "test-pool")
        yield pool
        pool.shutdown(cancel_futures=True)


def test_calls_return_their_results(pool):
    futures = [pool.submit(pow, number, 2) for number in range(100)]
    assert [future.result() for future in futures] == [number**2 for number in range(100)]


def test_arguments_by_name_reach_the_function(pool):
    assert pool.submit(sorted, [1, 3, 2], reverse=True).result() == [3, 2, 1]


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_an_error_is_raised_where_the_result_is_requested(pool, error):
    def fail():
        raise error("broken")

    with pytest.raises(error, match="broken"):
        pool.submit(fail).result()
    assert pool.submit(int, "5").result() == 5  # the thread goes on


def test_threads_start_when_they_are_needed(pool):
    def count() -> int:
        return sum(thread.name.startswith("test-pool") for thread in threading.enumerate())

    assert count() == 0
    pool.submit(int).result()
    assert count() == 1
    for _ in range(5):
        pool.submit(int).result()
    assert count() == 2


def test_closing_waits_for_calls_in_progress_and_cancels_the_others(pool, monkeypatch):
    monkeypatch.setattr(thread_pool, "_CLOSE_SECONDS", PATIENCE)
    started, go = threading.Event(), threading.Event()
    done = []

    def work():
        started.set()
        go.wait(PATIENCE)
        done.append(1)

    running = pool.submit(work)
    started.wait(PATIENCE)
    pool.submit(go.wait, PATIENCE)
    waiting = pool.submit(done.append, 2)
    waiting.add_done_callback(lambda _: go.set())
    pool.shutdown(cancel_futures=True)
    assert running.done()
    assert done == [1]
    with pytest.raises(CancelledError):
        waiting.result()
    assert not any(thread.name.startswith("test-pool") for thread in threading.enumerate())


def test_closing_does_not_wait_for_a_call_that_hangs(pool):
    started, hang = threading.Event(), threading.Event()

    def work():
        started.set()
        hang.wait(PATIENCE)

    running = pool.submit(work)
    started.wait(PATIENCE)
    pool.shutdown(cancel_futures=True)
    assert not running.done()
    hang.set()


def test_a_closed_pool_refuses_calls(pool):
    pool.shutdown()
    with pytest.raises(RuntimeError, match="the pool is closed"):
        pool.submit(int)


def test_ordered_map_takes_either_pool(pool):
    with ThreadPoolExecutor(2) as other:
        for each in (pool, other):
            results = [result for _, result in ordered_map(abs, iter(range(-50, 0)), each)]
            assert results == list(range(50, 0, -1))
