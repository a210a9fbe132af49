"""Run contenders in interleaved rounds: medians of wall and CPU seconds, and peak memory."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from bench.compare import Benchmark, PeerProcess
from bench.data.comparisons import Contender
from bench.environments import NotInstalledError
from bench.process_tree import PeakMemory, memory_mb

__all__ = ["Figures", "measure", "write_files"]

_MIN_SECONDS = 0.6  # per round; a fast contender makes several passes
_SLOW_SECONDS = 5.0  # a pass of this length runs in the first round only, and needs no other pass before


@dataclass
class Figures:
    """The figures of a contender.

    Attributes:
        contender: The contender.
        failure: Why the contender could not be measured; "" if it was.
        rows: Number of rows in a pass.
        rounds: Seconds and CPU seconds per pass, of each round.
        checks: Values to compare with those of other contenders.
        peak_mb: The most megabytes that its processes held during a pass; mapped files do not count.
        grown_mb: `peak_mb` without what they held before: the interpreter and the libraries.
    """

    contender: Contender
    failure: str = ""
    rows: int = 0
    rounds: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    checks: Mapping[str, float] = field(default_factory=dict[str, float])
    peak_mb: float = 0.0
    grown_mb: float = 0.0

    @property
    def seconds(self) -> float:
        """The median of the rounds: seconds per pass."""
        return statistics.median(seconds for seconds, _ in self.rounds)

    @property
    def cpu_seconds(self) -> float:
        """The median of the rounds: CPU seconds per pass, of all processes."""
        return statistics.median(cpu for _, cpu in self.rounds)


def _log(figures: Figures, task: str) -> None:
    """Show progress, as a whole comparison takes minutes."""
    if not figures.failure:
        name = f"{figures.contender.peer} {figures.contender.variant}"
        cpu, seconds = figures.cpu_seconds, figures.seconds
        print(f"{task} of {name}: {cpu:.4f} s of CPU, {seconds:.4f} s", file=sys.stderr, flush=True)


class _Failures:
    """Turns a peer that is not installed, or that fails, into a line of the report."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if isinstance(error, NotInstalledError):
            self._figures.failure = f"not installed: {error}"
        elif isinstance(error, (SystemExit, BrokenPipeError)):
            self._figures.failure = f"failed: {error}; its output is above"
        return bool(self._figures.failure)


def write_files(benchmark: Benchmark, peers: Sequence[str]) -> dict[str, str]:
    """Write each peer's own files, Headrace's first; return why a peer cannot, by its name."""
    failures: dict[str, str] = {}
    for peer in dict.fromkeys(["headrace", *peers]):
        figures = Figures(Contender(peer, ""))
        with _Failures(figures), PeerProcess(peer, benchmark) as process:
            process.run_pass("write")
        if figures.failure:
            failures[peer] = figures.failure
    return failures


def _warm(process: PeerProcess, task: str, figures: Figures) -> None:
    measured = process.run_pass(f"{task} {figures.contender.variant}")
    if not measured["rows"]:
        figures.failure = "no rows follow its state: those in its shuffle buffer are lost"


def _measure_round(process: PeerProcess, action: str, figures: Figures) -> None:
    seconds = cpu = 0.0
    passes = 0
    while seconds < _MIN_SECONDS:
        measured = process.run_pass(action)
        seconds, cpu, passes = seconds + measured["seconds"], cpu + measured["cpu_seconds"], passes + 1
    figures.rounds.append((seconds / passes, cpu / passes))


def _measure_memory(benchmark: Benchmark, action: str, figures: Figures) -> None:
    """Measure one pass in a new process, so that sampling does not slow the timed passes."""
    with PeerProcess(figures.contender.peer, benchmark) as process:
        process.run_pass("idle")
        idle = memory_mb(process.pid)
        with PeakMemory(process.pid) as memory:
            process.run_pass(action)
    figures.peak_mb, figures.grown_mb = memory.peak_mb, memory.peak_mb - idle


def measure(
    benchmark: Benchmark,
    contenders: Sequence[Contender],
    task: str,
    rounds: int,
    failures: Mapping[str, str],
    memory: bool = False,
) -> list[Figures]:
    """Make each contender's `task` in each of `rounds` rounds.

    Args:
        benchmark: The workload; each contender has its own process.
        contenders: The contenders, in the order of the rounds.
        task: "epoch", or "resume PERCENT".
        rounds: Number of rounds. A contender whose pass takes more than five seconds is in one of them.
        failures: Why a peer cannot take part, by its name.
        memory: Whether to measure peak memory, too.
    """
    found = [Figures(each, failures.get(each.peer, "")) for each in contenders]
    with ExitStack() as stack:
        processes: dict[int, PeerProcess] = {}
        for number, figures in enumerate(found):
            if not figures.failure:
                with _Failures(figures):
                    process = stack.enter_context(PeerProcess(figures.contender.peer, benchmark))
                    measured = process.run_pass(f"check {figures.contender.variant}")
                    figures.rows, figures.checks = measured["rows"], measured["checks"]
                    processes[number] = process
                    if measured["seconds"] < _SLOW_SECONDS or task != "epoch":
                        _warm(process, task, figures)
        for _ in range(rounds):
            for number, process in processes.items():
                figures = found[number]
                is_slow = bool(figures.rounds) and figures.seconds > _SLOW_SECONDS
                if not figures.failure and not is_slow:
                    with _Failures(figures):
                        _measure_round(process, f"{task} {figures.contender.variant}", figures)
    for figures in found:
        _log(figures, task)
    for figures in found if memory else ():
        if not figures.failure:
            with _Failures(figures):
                _measure_memory(benchmark, f"{task} {figures.contender.variant}", figures)
    return found
