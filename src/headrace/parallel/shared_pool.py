"""Threads that all calls of this process share, for work that native kernels do in milliseconds."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from headrace.parallel.cpus import available_cpus
from headrace.parallel.thread_pool import ThreadPool

__all__ = ["map_on_shared_threads"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_on_shared_threads(
    work: Callable[[Item], Result], items: Sequence[Item], threads: int | None = None
) -> list[Result]:
    """Call `work` on each item, in this thread and in those that the process shares.

    Args:
        work: The function; it must not wait for other calls on the same threads.
        items: The items.
        threads: The most items at a time, this thread's among them; by default one per CPU.

    Returns:
        The results, in order.

    Raises:
        Exception: The first that `work` raised, in the order of the items.

    Example:
        >>> map_on_shared_threads(abs, [1, -2])
        [1, 2]
    """
    threads = available_cpus() if threads is None else threads
    if threads == 1 or len(items) < 2:
        return [work(item) for item in items]
    calls = _Calls(work, items)
    pool = _shared.open()
    helpers = [pool.submit(calls.run) for _ in range(min(threads, len(items)) - 1)]
    try:
        calls.run()
    finally:
        calls.stop()
        for helper in helpers:
            if not helper.cancel():  # else no thread has started it
                helper.result()
    return calls.collect()


class _Calls(Generic[Item, Result]):
    """Calls that threads take one after another, each as soon as it is done with the one before."""

    def __init__(self, work: Callable[[Item], Result], items: Sequence[Item]) -> None:
        self._work, self._items = work, items
        self._numbers = iter(range(len(items)))  # `next` is atomic
        self._results: dict[int, Result] = {}
        self._errors: dict[int, Exception] = {}

    def run(self) -> None:
        for number in self._numbers:
            try:
                self._results[number] = self._work(self._items[number])
            except Exception as error:  # raised by `collect`
                self._errors[number] = error
                self.stop()

    def stop(self) -> None:
        """Take no more calls."""
        for _ in self._numbers:
            pass

    def collect(self) -> list[Result]:
        if self._errors:
            raise self._errors[min(self._errors)]
        return [self._results[number] for number in range(len(self._items))]


class _SharedPool:
    """Starts the threads at the first use, and again in a forked child, which has none of them."""

    def __init__(self) -> None:
        self._lock, self._pool = Lock(), None

    def open(self) -> ThreadPool:
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPool(max(1, available_cpus() - 1), "headrace-shared")
            return self._pool


_shared = _SharedPool()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_shared.__init__)
