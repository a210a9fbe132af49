"""A pool of threads that a process need not wait for."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from threading import Lock, Thread, current_thread
from time import monotonic
from typing import Any, ParamSpec, TypeVar
from weakref import WeakSet

__all__ = ["ThreadPool"]

_CLOSE_SECONDS = 0.5  # longest wait for calls in progress when a pool is closed

P = ParamSpec("P")
Result = TypeVar("Result")


class ThreadPool(Executor):
    """An executor whose threads do not keep the process alive.

    `ThreadPoolExecutor` waits for calls in progress, also when Python exits: Ctrl-C has no effect until a
    function that hangs returns. This pool waits 0.5 s at most. A thread still busy then ends with its call,
    or with the process.

    Args:
        threads: The number of threads; each starts when it is first needed.
        name: The start of their names.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._most, self._name = threads, name
        self._threads: list[Thread] = []
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._waiting: set[Future[Any]] = set()
        self._lock = Lock()
        self._closed = False

    def submit(self, fn: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs) -> Future[Result]:
        """Call a function in a thread.

        Raises:
            RuntimeError: The pool is closed.
        """
        future: Future[Result] = Future()

        def call() -> None:
            self._waiting.discard(future)
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # raised where the result is requested
                future.set_exception(error)
            else:
                future.set_result(result)

        with self._lock:
            if self._closed:
                raise RuntimeError("the pool is closed")
            self._waiting.add(future)
            self._calls.put(call)
            if len(self._threads) < self._most:
                thread = Thread(
                    target=_run, args=(self._calls,), name=f"{self._name}_{len(self._threads)}", daemon=True
                )
                self._threads.append(thread)
                _open.add(self)
                thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Close the pool.

        Args:
            wait: Wait for calls in progress, 0.5 s at most.
            cancel_futures: Cancel the calls that have not started.
        """
        with self._lock:
            is_first, self._closed = not self._closed, True
        if not is_first:
            return
        _open.discard(self)
        for future in list(self._waiting) if cancel_futures else ():
            future.cancel()
        for _ in self._threads:
            self._calls.put(None)
        end = monotonic() + _CLOSE_SECONDS
        for thread in self._threads if wait else ():
            if thread is not current_thread():
                thread.join(max(0.0, end - monotonic()))


def _run(calls: SimpleQueue[Callable[[], None] | None]) -> None:
    while (call := calls.get()) is not None:
        call()
        del call  # it refers to arguments, which the next call must not keep alive


_open: WeakSet[ThreadPool] = WeakSet()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_open.clear)  # a child has none of the threads


@atexit.register
def _close_all() -> None:
    """Close pools that nobody closed, while Python can still run their threads."""
    for pool in list(_open):
        pool.shutdown(cancel_futures=True)
