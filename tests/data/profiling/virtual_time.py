"""Time that functions say they take: a verdict on it does not depend on the machine or its load."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from headrace.data.profiling import costs, measure, meters, probe
from headrace.data.profiling.clock import Instant

TICK = 1e-3  # seconds between two looks at the clock of a pass


class VirtualTime:
    """Seconds of the wall, and of the CPU, that pass when a function says so."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def spend(self, seconds: float) -> None:
        """Let CPU time pass."""
        self.cpu += seconds
        self.wall += seconds

    def wait(self, seconds: float) -> float:
        """Let time pass without a CPU; return the time."""
        self.wall += seconds
        return self.wall

    def read(self) -> Instant:
        return Instant(self.wall, self.cpu, 0.0)

    def install(self, patch: pytest.MonkeyPatch, holds_gil: Callable[[Any], bool]) -> None:
        """Let the profiler read this time; `holds_gil` says which functions hold the GIL."""
        for module in (measure, meters):
            patch.setattr(module, "read_clock", self.read)
        for module, name in ((meters, "thread_time"), (meters, "process_time"), (costs, "process_time")):
            patch.setattr(module, name, lambda: self.cpu)
        patch.setattr(measure, "perf_counter", lambda: self.wait(TICK))
        patch.setattr(probe, "thread_time", lambda: self.cpu)
        patch.setattr(probe, "_measure_gil", lambda function, _part: float(holds_gil(function)))


TIME = VirtualTime()
