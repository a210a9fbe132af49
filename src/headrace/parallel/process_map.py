"""A map over items in several processes, in order, for functions that hold the GIL.

`ProcessPoolExecutor` pickles the function, which excludes lambdas and closures, cannot end a
call in progress, and leaves its processes behind when this one is killed.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, TypeVar

from headrace.errors import UsageError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = ["process_map"]

_WATCH_SECONDS = 0.5  # between looks at whether the parent still lives
_START = "fork" if sys.platform == "linux" else "spawn"  # a forked process needs no importable function

Item = TypeVar("Item")


class _Worker:
    """A process that calls the function on one item at a time."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        context: Any = get_context(_START)
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(work, theirs, os.getpid()), name="headrace-map", daemon=True
        )
        self._process.start()
        theirs.close()

    def send(self, item: Any) -> None:
        """Hand over an item; the result of the last one must have been received."""
        try:
            self._connection.send(item)
        except OSError as error:
            raise self._ended() from error

    def receive(self) -> Any:
        """Wait for the result.

        Raises:
            Exception: The function failed.
            UsageError: The process has ended.
        """
        try:
            result, error = self._connection.recv()
        except (EOFError, OSError) as gone:
            raise self._ended() from gone
        if error is not None:
            raise error
        return result

    def _ended(self) -> UsageError:
        self._process.join()
        return UsageError(
            f"a process of the map has ended with exit code {self._process.exitcode}",
            hint="a negative code is a signal; the system kills processes (-9) when memory runs out",
        )

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self._connection.close()


def process_map(
    work: Callable[[Item], Any], items: Iterator[Item], processes: int
) -> Iterator[tuple[Item, Any]]:
    """Yield each item with its result, in order.

    Each process holds one item at a time, and items are handed out in turn. The processes end with the
    iterator, at once, and when this process ends, however it ends.

    Args:
        work: The function to call on each item. Where processes are not forked (on other systems than Linux),
            it must be importable: defined at the top level of a module.
        items: The items, which are pickled; iterated in the caller's thread.
        processes: The number of processes.

    Raises:
        Exception: `work` or `items` failed; raised after all results before it.
        UsageError: A process has ended.
    """
    workers: list[_Worker] = []
    pending: deque[tuple[Item, _Worker]] = deque()
    failure: BaseException | None = None
    try:
        workers += [_Worker(work) for _ in range(processes)]
        idle = deque(workers)
        while True:
            while idle and failure is None:
                try:
                    item = next(items)
                except BaseException as error:  # raised in its place in the order
                    failure = error
                else:
                    worker = idle.popleft()
                    worker.send(item)
                    pending.append((item, worker))
            if not pending:
                break
            item, worker = pending.popleft()
            result = worker.receive()
            idle.append(worker)
            yield item, result
        if failure is not None and not isinstance(failure, StopIteration):
            raise failure
    finally:
        for worker in workers:
            worker.kill()


def _serve(work: Callable[[Any], Any], connection: Connection, parent: int) -> None:
    """Receive items, and send back the result or the exception of each, until the connection is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C ends
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    while True:
        try:
            item = connection.recv()
        except (EOFError, OSError):
            return
        try:
            answer = work(item), None
        except Exception as error:  # the parent raises it
            error.add_note("".join(traceback.format_exception(error)))
            answer = None, error
        try:
            connection.send(answer)
        except (TypeError, AttributeError, ValueError) as error:  # it cannot be pickled
            shown = answer[0] if answer[1] is None else answer[1]
            connection.send((None, TypeError(f"cannot send {shown!r} to another process: {error}")))


def _watch(parent: int) -> None:
    """End this process when the parent has ended."""
    while os.getppid() == parent:
        threading.Event().wait(_WATCH_SECONDS)
    os._exit(1)
