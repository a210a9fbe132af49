"""Meters: what each part of a pipeline has cost, added up by the threads that do the work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import process_time, thread_time
from typing import NamedTuple, ParamSpec, TypeVar

from headrace.data.profiling.clock import OtherThreads, read_clock, read_threads

__all__ = ["MODEL", "TENSORS", "Meter", "Recorder", "Span"]

MOST_SPANS = 20_000  # kept for the trace
_HIDDEN = ("headrace-records", "headrace-files")  # threads inside sources
_CALIBRATIONS, _CALIBRATION_CALLS = 5, 50
_OVERHEAD = "overhead"
TENSORS, MODEL = "to_torch", "model"  # the meters behind the stages

P = ParamSpec("P")
Result = TypeVar("Result")


class Span(NamedTuple):
    """One piece of work, for the trace: seconds on the wall, and the thread's identifier."""

    name: str
    thread: int
    start: float
    seconds: float
    rows: int


@dataclass
class Meter:
    """What one part of a pipeline has cost itself, without its inputs, in seconds.

    Attributes:
        cpu: CPU time.
        waited: Time in which its thread waited: for files, a network, a lock, another thread.
        others: CPU time of all other threads meanwhile; 0 unless the recorder watches the process.
        queued: Time in which the other threads had no CPU, of a source.
        calls: Calls, of a stage: batches.
        rows: Rows of the output.
        bytes: Bytes of the output.
        threads: Native identifiers of the threads that did the work.
    """

    cpu: float = 0.0
    waited: float = 0.0
    others: float = 0.0
    queued: float = 0.0
    calls: int = 0
    rows: int = 0
    bytes: int = 0
    threads: set[int] = field(default_factory=set[int])

    @property
    def total(self) -> float:
        """Seconds together."""
        return self.cpu + self.waited


class _Frames(threading.local):
    """What the calls in progress in a thread have spent in the calls inside them."""

    def __init__(self) -> None:
        self.stack: list[list[float]] = []
        self.thread = threading.get_native_id()


class Recorder:
    """Adds up costs by name while it is on; any thread may call it.

    Args:
        watches_process: Whether to measure what other threads of the process do during a call, too.

    Attributes:
        meters: Name to meter.
        spans: The first 20,000 pieces of work.
        fills: Moments on the wall, and the batches that waited in a queue then, by the name of its stage.
        thread_names: Native identifier to the name of each thread that has a span.
        waiting: Batches that wait in each queue, by the name of its stage.
        hidden: Native identifier to CPU seconds, and seconds without a CPU, of the threads inside
            sources, since the recorder is on.
        is_on: Whether costs are added up.
    """

    def __init__(self, *, watches_process: bool = False) -> None:
        self.is_on = False
        self._read_process = process_time if watches_process else thread_time
        self._others = OtherThreads() if watches_process else None
        self._lock = threading.Lock()
        self._frames = _Frames()
        self._number = 0
        self._overhead = 0.0
        self.waiting: dict[str, int] = {}
        self._reset()

    def _reset(self) -> None:
        self.meters: dict[str, Meter] = {}
        self.spans: list[Span] = []
        self.fills: dict[str, list[tuple[float, int]]] = {}
        self.thread_names: dict[int, str] = {}
        self.hidden: dict[int, tuple[float, float]] = {}
        self._hidden_at: dict[int, tuple[float, float]] = {}

    def start(self) -> None:
        """Forget what was measured, and measure from now on."""
        self._overhead = self._measure_overhead()
        with self._lock:
            self._reset()
            self._hidden_at = read_threads(_HIDDEN)
            self._number += 1
            self.is_on = True

    def _measure_overhead(self) -> float:
        """Measure the CPU time of `call` itself that its caller would seem to spend."""
        self._overhead, self.is_on = 0.0, True
        best = float("inf")
        for _ in range(_CALIBRATIONS):
            before = thread_time()
            for _ in range(_CALIBRATION_CALLS):
                self.call("calibration", int)
            spent = (thread_time() - before) - self.meters.pop("calibration").cpu
            best = min(best, spent / _CALIBRATION_CALLS)
        return max(0.0, best)

    def cut(self) -> tuple[dict[str, Meter], dict[int, tuple[float, float]]]:
        """Return the meters so far and the costs of hidden threads, and begin new ones."""
        with self._lock:
            found = self.meters, self.hidden
            self.meters, self.hidden, self._hidden_at = {}, {}, read_threads(_HIDDEN)
        return found

    def keep_least(self, epochs: Sequence[tuple[dict[str, Meter], dict[int, tuple[float, float]]]]) -> None:
        """Keep the least cost of each meter in several epochs, which a busy machine disturbs differently."""
        self.meters = {
            name: min((meters[name] for meters, _ in epochs if name in meters), key=lambda each: each.total)
            for name in epochs[0][0]
        }
        self.hidden = min(
            (hidden for _, hidden in epochs), key=lambda each: sum(cpu for cpu, _ in each.values())
        )

    def stop(self) -> None:
        """Measure no more."""
        self.is_on = False
        if self._others is not None:
            self._others.close()

    @contextmanager
    def running(self) -> Generator[None]:
        """Measure inside a `with` block."""
        self.start()
        try:
            yield
        finally:
            self.stop()

    def meter(self, name: str) -> Meter:
        """Return the meter of a name."""
        found = self.meters.get(name)
        if found is None:
            with self._lock:
                found = self.meters.setdefault(name, Meter())
        return found

    def call(self, name: str, function: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs) -> Result:
        """Call a function, and add to a meter what it spends itself, without the calls of this inside it."""
        if not self.is_on:
            return function(*args, **kwargs)
        with self.measure(name):
            return function(*args, **kwargs)

    @contextmanager
    def measure(self, name: str) -> Generator[None]:
        """Add what a `with` block costs to a meter; see `call`."""
        frames, number = self._frames, self._number
        inner = [0.0, 0.0, 0.0]
        frames.stack.append(inner)
        process, before = self._read_process(), read_clock()
        try:
            yield
        finally:
            after, process = read_clock(), self._read_process() - process
            frames.stack.pop()
            wall, cpu = after.wall - before.wall, after.cpu - before.cpu
            waited = max(0.0, wall - cpu - (after.queued - before.queued))
            others = max(0.0, process - cpu)
            if frames.stack:
                outer = frames.stack[-1]
                outer[0] += cpu + self._overhead
                outer[1] += waited
                outer[2] += others
            if number == self._number and self.is_on:
                costs = cpu - inner[0], max(0.0, waited - inner[1]), max(0.0, others - inner[2])
                self._add(name, costs, before.wall, wall)

    def _add(self, name: str, costs: tuple[float, float, float], start: float, wall: float) -> None:
        meter, thread = self.meter(name), self._frames.thread
        with self._lock:
            meter.cpu += costs[0]
            meter.waited += costs[1]
            meter.others += costs[2]
            meter.calls += 1
            meter.threads.add(thread)
            if len(self.spans) < MOST_SPANS:
                self.spans.append(Span(name, thread, start, wall, 0))
                if thread not in self.thread_names:
                    self.thread_names[thread] = threading.current_thread().name

    def call_source(
        self, name: str, function: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs
    ) -> Result:
        """Call a function as `call` does, and measure how long other threads meanwhile have no CPU."""
        if self._others is None or not self.is_on:
            return self.call(name, function, *args, **kwargs)
        with self.measure(_OVERHEAD):
            before = self._others.read_queued()
        result = self.call(name, function, *args, **kwargs)
        with self.measure(_OVERHEAD):
            self.meter(name).queued += max(0.0, self._others.read_queued() - before)
        return result

    def count(self, name: str, rows: int, bytes_: int) -> None:
        """Add rows and bytes to the output of a meter."""
        if self.is_on:
            meter = self.meter(name)
            meter.rows += rows
            meter.bytes += bytes_

    def note_fill(self, name: str, moment: float, batches: int) -> None:
        """Note how many batches wait in a queue."""
        if self.is_on:
            noted = self.fills.setdefault(name, [])
            if len(noted) < MOST_SPANS:
                noted.append((moment, batches))

    def read_hidden(self) -> None:
        """Read what the threads inside sources have spent; they end with their stream, so read it often."""
        if self.is_on:
            for thread, (cpu, queued) in read_threads(_HIDDEN).items():
                cpu_before, queued_before = self._hidden_at.get(thread, (0.0, 0.0))
                self.hidden[thread] = cpu - cpu_before, queued - queued_before
