"""Run an iterator in a background thread, ahead of its consumer.

Items are handed over by a `deque`, whose operations are atomic, and a thread is woken only if it waits; the
background thread, only once half of its items are consumed. Waking a thread costs microseconds, most of them
in the system; a `queue.Queue` does it for every item.
"""

from __future__ import annotations

import atexit
import os
from _thread import LockType, allocate_lock
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from threading import Thread, current_thread
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakSet

from headrace.errors import UsageError

__all__ = ["Depth", "prefetch"]

_CLOSE_SECONDS = 0.5  # longest wait for the item in progress when the consumer stops early

T = TypeVar("T")


class Depth(NamedTuple):
    """How many items to compute in advance.

    Attributes:
        first: The number to begin with.
        most: The number up to which it is doubled, each time that the consumer finds nothing although the
            thread had to wait for room before: then both are fast enough on average, and one is uneven.
    """

    first: int
    most: int


def prefetch(items: Iterator[T], limit: int | Callable[[T], Depth]) -> Generator[T]:
    """Yield the items of an iterator that a background thread computes before they are requested.

    The thread starts at the first request and closes `items` when it ends. A consumer that stops early waits
    for the item in progress, 0.5 s at most; a thread still busy then ends with that item.

    Args:
        items: The iterator; only the thread uses it. A generator is closed in the thread.
        limit: The most items to compute in advance, at least 1, or a function of the first item that returns
            the number to begin with and the most.

    Raises:
        BaseException: `items` failed, KeyboardInterrupt included; raised after all items before it, with the
            thread's traceback.
        UsageError: The process was forked amid the iteration: a thread does not exist in the child.
    """
    worker = _Worker(items, limit)
    ready = worker.ready
    worker.start()
    try:
        while True:
            if not ready:
                worker.grow()
                worker.wait_for_item()
            item = ready.popleft()
            if worker.waits_for_room and len(ready) <= worker.refill_at:
                worker.signal_room()
            if isinstance(item, _End):
                break
            yield item
    finally:
        worker.stop()
    item.raise_error()


class _End:
    """The last entry of the queue: the end of the items, or the exception that ended them."""

    def __init__(self, error: BaseException | None) -> None:
        self._error = error

    def raise_error(self) -> None:
        error, self._error = self._error, None
        try:
            if error is not None:
                raise error
        finally:
            del error  # its traceback refers to this frame


class _Worker(Thread, Generic[T]):
    """Appends items to `ready` while there is room, then an `_End`.

    A side that finds nothing to do sets its flag, looks again, and waits on its lock; the other side looks at
    the flag after it changed `ready`. So no wake-up is lost. A lock may be released without need:
    the side that waits on it looks again.
    """

    def __init__(self, items: Iterator[T], limit: int | Callable[[T], Depth]) -> None:
        super().__init__(name="headrace-prefetch", daemon=True)
        self.ready: deque[T | _End] = deque()
        self.waits_for_room = False
        self._waits_for_item = False
        self._room, self._item = allocate_lock(), allocate_lock()
        self._room.acquire()
        self._item.acquire()
        self._items = items
        self._choose_limit = limit if callable(limit) else None
        self._has_been_full = False
        self._set_depth(Depth(1, 1) if callable(limit) else Depth(limit, limit))
        self._stopped = False
        self._process = os.getpid()

    def _set_depth(self, depth: Depth) -> None:
        self._limit, self._most, self.refill_at = depth.first, depth.most, depth.first // 2

    def grow(self) -> None:
        """Compute more in advance from now on, if the consumer waits although the queue was full before."""
        if self._has_been_full and self._limit < self._most:
            self._has_been_full = False
            self._set_depth(Depth(min(2 * self._limit, self._most), self._most))

    def run(self) -> None:
        error = None
        try:
            self._move_items()
        except BaseException as caught:  # the consumer raises it, KeyboardInterrupt included
            error = caught
        self._append(_End(error))

    def _move_items(self) -> None:
        try:
            while self._wait_for_room():
                try:
                    item = next(self._items)
                except StopIteration:
                    return
                if self._choose_limit is not None:
                    self._set_depth(self._choose_limit(item))
                    self._choose_limit = None
                self._append(item)
                del item  # it belongs to the consumer; do not keep it alive while the next one is computed
        finally:
            close = getattr(self._items, "close", None)
            if close is not None:
                close()

    def _append(self, entry: T | _End) -> None:
        self.ready.append(entry)
        if self._waits_for_item:
            self._waits_for_item = False
            _release(self._item)

    def _wait_for_room(self) -> bool:
        while len(self.ready) >= self._limit and not self._stopped:
            self._has_been_full = self.waits_for_room = True
            if len(self.ready) >= self._limit and not self._stopped:
                self._room.acquire()
        return not self._stopped

    def signal_room(self) -> None:
        """Wake the thread: there is room."""
        self.waits_for_room = False
        _release(self._room)

    def wait_for_item(self) -> None:
        """Wait until `ready` has an entry."""
        while not self.ready:
            if self._process != os.getpid():
                raise UsageError(
                    "the process was forked while this iterator prefetched",
                    hint="create the iterator in the process that uses it",
                )
            self._waits_for_item = True
            if not self.ready:
                self._item.acquire()

    def start(self) -> None:
        """Start the thread."""
        _running.add(self)
        super().start()

    def stop(self) -> None:
        """End the thread after the item in progress."""
        _running.discard(self)
        self._stopped = True
        _release(self._room)
        if current_thread() is not self:  # the garbage collector may close the consumer in any thread
            self.join(_CLOSE_SECONDS)


_running: WeakSet[_Worker[Any]] = WeakSet()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_running.clear)  # a child has none of the threads


@atexit.register
def _stop_all() -> None:
    """End the threads of iterators that nobody closed, while Python can still run them."""
    for worker in list(_running):
        worker.stop()


def _release(lock: LockType) -> None:
    if lock.locked():
        # The other side may release it between the two calls.
        with suppress(RuntimeError):
            lock.release()
