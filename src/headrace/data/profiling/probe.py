"""Probe a function of a pipeline: whether it loops over rows, holds the GIL, or is called on too few rows."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter, sleep, thread_time
from typing import Any

import pyarrow as pa

from headrace.data.profiling.clock import count_slices
from headrace.data.rows import concatenate

__all__ = ["FunctionTraits", "probe_function"]

_TRACED_ROWS = 16
_MOST_EVENTS = 100_000  # of a traced call
_CPU_SECONDS, _MOST_SECONDS = 0.15, 0.8  # of a probe
_SWITCH_SECONDS = 10.0  # in which a thread gives up the GIL to one that waits for it
_CALL_SECONDS = 0.02  # of a call in it
_NAP_SECONDS, _FEW_NAPS = 2e-4, 3  # of the thread that wants the GIL
_LINE_SECONDS = 8e-8  # that a line of Python takes at least, with the small objects that it makes
_FEW_ROWS = 64  # of a batch that may be too small
_LARGER = 8  # times as many rows as in such a batch


@dataclass(frozen=True)
class FunctionTraits:
    """How a function behaves.

    Attributes:
        loops: Whether Python runs some lines for each row.
        gil: The share of its time, 0 to 1, in which it holds the global interpreter lock.
        overhead: The share of its time, 0 to 1, that a call takes whatever the number of rows; 0 for batches
            of more than 64 rows.
    """

    loops: bool
    gil: float
    overhead: float


def probe_function(
    function: Callable[[pa.RecordBatch], Any], samples: Sequence[pa.RecordBatch]
) -> FunctionTraits | None:
    """Call a function on some of its input, a few times; None without input, or if it fails."""
    if not samples:
        return None
    try:
        whole = concatenate(list(samples))
        lines = _count_lines_per_row(function, whole)
        part = whole.slice(0, _FEW_ROWS)
        python = lines * _LINE_SECONDS * part.num_rows / _time(function, part)
        return FunctionTraits(
            loops=lines >= 1,
            gil=min(1.0, max(_measure_gil(function, _choose_part(function, samples[0], part)), python)),
            overhead=_measure_overhead(function, samples[0].num_rows, whole),
        )
    except Exception:  # a function may expect whole batches; the pipeline itself has run
        return None


def _count_lines_per_row(function: Callable[[pa.RecordBatch], Any], batch: pa.RecordBatch) -> float:
    """Count the lines of Python that run for each row: compare some rows with twice as many."""
    rows = min(_TRACED_ROWS, batch.num_rows // 2)
    if not rows:
        return 0.0
    function(batch.slice(0, rows))  # imports and caches of the first call
    few, many = (_count_lines(function, batch.slice(0, size)) for size in (rows, 2 * rows))
    return max(0, many - few) / rows


def _count_lines(function: Callable[[pa.RecordBatch], Any], batch: pa.RecordBatch) -> int:
    count = 0

    def trace(_frame: Any, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event in ("line", "call")
        if count > _MOST_EVENTS:
            sys.settrace(None)
            return None
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(batch)
    finally:
        sys.settrace(before)
    return count


def _choose_part(
    function: Callable[[pa.RecordBatch], Any], batch: pa.RecordBatch, part: pa.RecordBatch
) -> pa.RecordBatch:
    """Choose as many rows of a batch as take some milliseconds; `part` has a few of them."""
    rows = int(part.num_rows * _CALL_SECONDS / _time(function, part))
    return batch.slice(0, max(rows, part.num_rows))


def _measure_gil(function: Callable[[pa.RecordBatch], Any], part: pa.RecordBatch) -> float:
    """Measure how often another thread that wants the GIL finds it held, while the function runs.

    The interpreter does not take the GIL from the function. The other thread wakes up often. If it finds the
    GIL free, it sleeps again: the system gave it a CPU once. If not, it waits and needs a CPU again, so it is
    given one twice or more often; the load of the machine hardly counts.
    """
    stop, started = threading.Event(), threading.Event()
    found = slices = 0

    def knock() -> None:
        nonlocal found, slices
        started.set()
        before = count_slices()
        while not stop.is_set():
            sleep(_NAP_SECONDS)
            found += 1
        slices = count_slices() - before

    thread = threading.Thread(target=knock, name="headrace-probe", daemon=True)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        thread.start()
        started.wait()
        end, cpu = perf_counter() + _MOST_SECONDS, thread_time() + _CPU_SECONDS
        while thread_time() < cpu and perf_counter() < end:
            function(part)
        stop.set()
    finally:
        stop.set()
        sys.setswitchinterval(interval)
        thread.join()
    found -= 1  # the last one, when the function had ended
    return 1.0 if found < _FEW_NAPS else min(1.0, max(0, slices - 1 - found) / found)


def _measure_overhead(function: Callable[[pa.RecordBatch], Any], rows: int, whole: pa.RecordBatch) -> float:
    """Measure the part of a call's time that does not grow with the rows."""
    if rows > _FEW_ROWS:
        return 0.0
    many = min(rows * _LARGER, whole.num_rows)
    if many < 2 * rows:
        return 0.0
    small = _time(function, whole.slice(0, rows))
    per_row = max(0.0, _time(function, whole.slice(0, many)) - small) / (many - rows)
    return max(0.0, 1 - per_row * rows / small)


def _time(function: Callable[[pa.RecordBatch], Any], batch: pa.RecordBatch) -> float:
    """Return CPU seconds of a call: the least of several."""
    best, end = float("inf"), perf_counter() + _MOST_SECONDS / 2
    for _ in range(7):
        before = thread_time()
        function(batch)
        best = min(best, thread_time() - before)
        if perf_counter() > end:
            break
    return max(best, 1e-7)
