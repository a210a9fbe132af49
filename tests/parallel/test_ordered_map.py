"""Items are worked on by all threads, the caller's too, and given in order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, get_ident

import pytest
from tests.waiting import PATIENCE

from headrace.errors import UsageError
from headrace.parallel import ordered_map


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def one(_item: int) -> int:
    return 1


def test_results_come_in_order(pool: ThreadPoolExecutor) -> None:
    found = list(ordered_map(lambda item: item * item, iter(range(500)), pool, one, 3))
    assert found == [(item, item * item) for item in range(500)]


def test_the_caller_works_while_the_first_is_at_work(pool: ThreadPoolExecutor) -> None:
    begun, others = Event(), Event()
    threads = {}

    def work(item: int) -> None:
        threads[item] = get_ident()
        if item == 0:
            begun.set()
            assert others.wait(PATIENCE)  # until the caller has come to the last
        if item == 3:
            others.set()

    def items() -> Iterator[int]:
        yield 0
        assert begun.wait(PATIENCE)  # in the pool's thread
        yield from (1, 2, 3)

    assert [item for item, _ in ordered_map(work, items(), pool, one, 4)] == [0, 1, 2, 3]
    assert threads[0] != get_ident()
    assert all(threads[item] == get_ident() for item in (1, 2, 3))


def test_no_more_is_taken_than_there_is_room_for(pool: ThreadPoolExecutor) -> None:
    taken = given = most = 0

    def items() -> Iterator[int]:
        nonlocal taken, most
        for size in [5, 1, 1, 1, 5, 5, 1] * 20:
            taken += size
            most = max(most, taken - given)
            yield size

    for size, _ in ordered_map(abs, items(), pool, abs, 6):
        given += size
    assert taken == given
    assert most <= 6 - 1 + 5  # the last is taken while there is room for some of it


@pytest.mark.parametrize(
    "error", [UsageError("is gone", hint="look elsewhere"), OSError("is gone"), KeyError("gone")]
)
def test_an_error_of_the_items_comes_after_all_before_it(pool: ThreadPoolExecutor, error: Exception) -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise error

    results = ordered_map(abs, items(), pool, one, 9)
    assert [next(results), next(results)] == [(1, 1), (2, 2)]
    with pytest.raises(type(error), match="gone"):
        next(results)


def test_an_error_of_the_work_is_raised_in_its_place(pool: ThreadPoolExecutor) -> None:
    results = ordered_map(lambda item: 1 // item, iter([2, 1, 0, 1]), pool, one, 9)
    assert [next(results), next(results)] == [(2, 0), (1, 1)]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_an_error_in_the_callers_thread_keeps_its_place(pool: ThreadPoolExecutor) -> None:
    begun, failed = Event(), Event()

    def work(item: int) -> int:
        if item == 0:
            begun.set()
            assert failed.wait(PATIENCE)
            return item
        failed.set()
        raise ValueError("in the caller's thread")

    def items() -> Iterator[int]:
        yield 0
        assert begun.wait(PATIENCE)  # in the pool's thread
        yield 1

    results = ordered_map(work, items(), pool, one, 4)
    assert next(results) == (0, 0)
    with pytest.raises(ValueError, match="in the caller's thread"):
        next(results)
