"""Work on one item after the other, some of it ahead, by threads of which the caller's is one.

Rather than wait for the result that comes next, the caller's thread does what no other has begun with: a
thread that waited, and is woken on a busy processor, can lose milliseconds while another has nothing to do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from headrace.errors import UsageError

__all__ = ["ordered_map"]

_MOST_PENDING = 256  # items, each of which may hold a file open

Item = TypeVar("Item")
Result = TypeVar("Result")


def ordered_map(
    work: Callable[[Item], Result],
    items: Iterator[Item],
    pool: ThreadPoolExecutor,
    size: Callable[[Item], int],
    most: int,
) -> Iterator[tuple[Item, Result]]:
    """Each item with its result, in order.

    Args:
        work: What is done with an item.
        items: The items; taken in the caller's thread.
        pool: The other threads.
        size: An item's size, and about its result's.
        most: No item is taken while those at work or done are as large as this.

    Raises:
        UsageError: What `items` raises, after all before it has been given.
    """
    pending: deque[tuple[Item, Future[Result]]] = deque()
    failure: UsageError | None = None
    pending_size = 0
    more = True

    def fill() -> None:
        nonlocal failure, pending_size, more
        while more and pending_size < most and len(pending) < _MOST_PENDING:
            try:
                item = next(items)
            except (StopIteration, UsageError) as end:
                failure = end if isinstance(end, UsageError) else None
                more = False
            else:
                pending.append((item, pool.submit(work, item)))
                pending_size += size(item)

    def help_out() -> bool:
        for i, (item, waiting) in enumerate(pending):
            if waiting.cancel():  # no thread has begun with it
                done: Future[Result] = Future()
                done.set_result(work(item))
                pending[i] = item, done
                return True
        return False

    fill()
    while pending:
        while not pending[0][1].done() and help_out():
            fill()
        item, result = pending.popleft()
        pending_size -= size(item)
        yield item, result.result()
        fill()
    if failure is not None:
        raise failure
