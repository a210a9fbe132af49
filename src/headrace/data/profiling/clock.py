"""The time of a thread: at work, waiting, or ready but without a CPU.

A busy machine lengthens what a clock on the wall measures. Linux counts for each thread how long it was ready
to run while other threads had the CPUs (`schedstat` in proc(5)). The rest of what is not CPU time is time in
which the thread waited: for a file, a network, a lock.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from time import perf_counter, thread_time
from typing import NamedTuple

__all__ = ["Instant", "OtherThreads", "count_slices", "read_clock", "read_threads"]

_READ_BYTES = 128
_TASKS = "/proc/self/task"
_LISTED_SECONDS = 0.05  # after which threads are listed again


class Instant(NamedTuple):
    """A moment of a thread, in seconds.

    Attributes:
        wall: The clock on the wall.
        cpu: CPU time of the thread.
        queued: Time in which the thread was ready but had no CPU; 0 on other systems than Linux.
    """

    wall: float
    cpu: float
    queued: float


class _OpenStatistics(threading.local):
    """The file of the scheduler's statistics of the current thread, open as long as the thread lives."""

    def __init__(self) -> None:
        try:
            self.file = os.open(f"/proc/self/task/{threading.get_native_id()}/schedstat", os.O_RDONLY)
        except OSError:
            self.file = -1

    def __del__(self) -> None:
        if self.file >= 0:
            os.close(self.file)


_statistics = _OpenStatistics()


def read_clock() -> Instant:
    """Read the time of the current thread; this takes about 2 microseconds.

    The three clocks are read again if the thread lost its CPU between them.
    """
    file = _statistics.file
    if file < 0:
        return Instant(perf_counter(), thread_time(), 0.0)
    queued = os.pread(file, _READ_BYTES, 0).split()[1]
    while True:
        wall, cpu = perf_counter(), thread_time()
        before, queued = queued, os.pread(file, _READ_BYTES, 0).split()[1]
        if queued == before:
            return Instant(wall, cpu, int(queued) / 1e9)


def count_slices() -> int:
    """Count how often the current thread has been given a CPU; 0 on other systems than Linux."""
    file = _statistics.file
    return int(os.pread(file, _READ_BYTES, 0).split()[2]) if file >= 0 else 0


class OtherThreads:
    """The other threads of the process, native ones too; of none on other systems than Linux."""

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._listed_at = 0.0

    def read_queued(self) -> float:
        """Read how long they have been ready without a CPU, in seconds of all together."""
        if perf_counter() - self._listed_at > _LISTED_SECONDS:
            self._list()
        queued = 0
        for file in self._files.values():
            with suppress(OSError, IndexError):  # the thread has ended
                queued += int(os.pread(file, _READ_BYTES, 0).split()[1])
        return queued / 1e9

    def _list(self) -> None:
        own = str(threading.get_native_id())
        tasks = set(os.listdir(_TASKS)) - {own} if os.path.isdir(_TASKS) else set[str]()  # noqa: PTH112, PTH208
        for task in self._files.keys() - tasks:
            os.close(self._files.pop(task))
        for task in tasks - self._files.keys():
            with suppress(OSError):
                self._files[task] = os.open(f"{_TASKS}/{task}/schedstat", os.O_RDONLY)
        self._listed_at = perf_counter()

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            os.close(file)
        self._files.clear()


def read_threads(names: tuple[str, ...]) -> dict[int, tuple[float, float]]:
    """Read CPU seconds and queued seconds of the other threads whose names start with one of `names`.

    By native identifier; of no thread on other systems than Linux.
    """
    found: dict[int, tuple[float, float]] = {}
    for thread in threading.enumerate():
        if thread.name.startswith(names) and thread.native_id is not None:
            try:
                with open(f"/proc/self/task/{thread.native_id}/schedstat", "rb") as file:  # noqa: PTH123 - fast
                    cpu, queued, _ = file.read(_READ_BYTES).split()
            except (OSError, ValueError):
                continue
            found[thread.native_id] = int(cpu) / 1e9, int(queued) / 1e9
    return found
