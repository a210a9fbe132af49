"""A map over items on several threads, in order, with bounded read-ahead.

Rather than wait for the next result, the caller's thread works on an item that no other thread has started: a
thread that waits, and is woken on a busy CPU, can lose milliseconds while another has nothing to do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

from headrace.parallel.thread_pool import ThreadPool

__all__ = ["map_on_threads", "ordered_map"]

_MAX_PENDING = 256  # items, each of which may hold a file open

Item = TypeVar("Item")
Result = TypeVar("Result")


def _count(_item: Any) -> int:
    return 1


def _run(work: Callable[[Item], Result], item: Item) -> Future[Result]:
    """Call `work` in this thread; a future holds its result or exception."""
    done: Future[Result] = Future()
    try:
        done.set_result(work(item))
    except Exception as error:  # raised in its place in the order
        done.set_exception(error)
    return done


def ordered_map(
    work: Callable[[Item], Result],
    items: Iterator[Item],
    pool: Executor,
    size: Callable[[Item], int] = _count,
    most: int = _MAX_PENDING,
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with its result, in order.

    An exception keeps its place in the order, whether `work` or `items` raises it: it is raised after all
    results before it have been yielded. No item is taken after an exception of `items`.

    Args:
        work: The function to call on each item, in any thread.
        items: The items; iterated in the caller's thread.
        pool: The other threads.
        size: An item's size; by default every item counts 1.
        most: Take no item while the pending ones have at least this size in total.

    Raises:
        Exception: `work` or `items` failed.
    """
    pending: deque[tuple[Item, Future[Result]]] = deque()
    failure: Exception | None = None
    pending_size = 0
    more = True

    def fill() -> None:
        nonlocal failure, pending_size, more
        while more and pending_size < most and len(pending) < _MAX_PENDING:
            try:
                item = next(items)
            except StopIteration:
                more = False
            except Exception as error:  # raised in its place in the order
                failure, more = error, False
            else:
                pending.append((item, pool.submit(work, item)))
                pending_size += size(item)

    def help_out() -> bool:
        for i, (item, waiting) in enumerate(pending):
            if waiting.cancel():  # no thread has started it
                pending[i] = item, _run(work, item)
                return True
        return False

    try:
        fill()
        while pending:
            while not pending[0][1].done() and help_out():
                fill()
            item, result = pending.popleft()
            pending_size -= size(item)
            yield item, result.result()
            fill()
    finally:
        for _, waiting in pending:
            waiting.cancel()
    if failure is not None:
        raise failure


def map_on_threads(
    work: Callable[[Item], Result], items: Iterator[Item], threads: int, name: str, *, most: int
) -> Generator[Result]:
    """Yield the result of each item, in order, on threads that end with the iteration; see `ordered_map`.

    Args:
        work: The function to call on each item, in any thread.
        items: The items; iterated in the caller's thread.
        threads: The number of threads; one is the caller's.
        name: The start of the threads' names.
        most: The most items that are in progress or wait for the consumer, on several threads.

    Raises:
        Exception: `work` or `items` failed.
    """
    if threads == 1:
        for item in items:  # `map` would end where `work` raises StopIteration
            yield work(item)
        return
    pool = ThreadPool(threads, name)
    try:
        for _, result in ordered_map(work, items, pool, most=most):
            yield result
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
