"""CPU time and memory of a process and its descendants, such as the workers of a loader, from /proc."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["PeakMemory", "cpu_seconds", "memory_mb"]

_TICKS = os.sysconf("SC_CLK_TCK")
_COUNTED = ("Pss_Anon:", "Pss_Shmem:")  # not Pss_File: the kernel drops pages of mapped files at will


def _descendants(pid: int) -> Iterator[int]:
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = [int(child) for child in children.read_text().split()]
        except OSError:  # the thread has ended
            continue
        for child in found:
            yield child
            yield from _descendants(child)


def _child_seconds(pid: int) -> float:
    """Return the CPU time of a live process and of those children that it has waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has ended; RUSAGE_CHILDREN counts it
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS


def cpu_seconds() -> float:
    """Return the CPU time of this process and all of its descendants so far."""
    reaped = resource.getrusage(resource.RUSAGE_CHILDREN)
    live = sum(_child_seconds(pid) for pid in _descendants(os.getpid()))
    return time.process_time() + reaped.ru_utime + reaped.ru_stime + live


def _process_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(_COUNTED))


def memory_mb(pid: int) -> float:
    """Return the megabytes that a process and its descendants hold: shared pages once, mapped files not."""
    return sum(_process_kb(each) for each in (pid, *_descendants(pid))) * 1024 / 1e6


class PeakMemory:
    """Samples the memory of a process tree in the background.

    Attributes:
        peak_mb: The most megabytes seen.
    """

    def __init__(self, pid: int, seconds: float = 0.01) -> None:
        self.peak_mb = 0.0
        self._pid = pid
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def _sample(self) -> None:
        while not self._stop.wait(self._seconds):
            self.peak_mb = max(self.peak_mb, memory_mb(self._pid))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self.peak_mb = max(self.peak_mb, memory_mb(self._pid))
