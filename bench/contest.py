"""The sides of a workload, started together and timed in turns."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.environments import ROOT, python_of

__all__ = ["QUIET", "Event", "Result", "contest", "run_once"]

_TURN = 0.6  # seconds, at least: a fast side makes several passes
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT / "src")}


@dataclass(frozen=True)
class Event:
    """What the sides compete in.

    Attributes:
        bench: The package with the sides, in `bench`.
        workload: One of its workloads.
        directory: Where the files are.
        processors: How many each side may use.
    """

    bench: str
    workload: str
    directory: Path
    processors: int


@dataclass
class Result:
    """What a side reached.

    Attributes:
        peer: Its name.
        rate: Rows a second, in its best pass.
        seconds: What that pass took.
        peak_mb: The most memory its process ever held.
        answer: What the last pass found, for comparison with other sides.
    """

    peer: str
    rate: float = field(default=0.0)
    seconds: float = field(default=0.0)
    peak_mb: float = field(default=0.0)
    answer: Mapping[str, float] = field(default_factory=dict[str, float])


class _Process:
    """A side's process, which does a pass when it is asked to."""

    def __init__(self, peer: str, event: Event) -> None:
        what = [event.bench, peer, event.workload, str(event.directory), str(event.processors)]
        self._process = subprocess.Popen(
            [python_of(peer), "-m", "bench.side", *what],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **QUIET},
        )
        self.result = Result(peer)

    def ask(self, action: str) -> float:
        """Does one pass; the seconds it took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(action, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"{self.result.peer} failed to {action}; its output is above")
        done = json.loads(answer)
        self._take(done)
        return done["seconds"]

    def _take(self, done: dict[str, Any]) -> None:
        rate = done["rows"] / done["seconds"]
        if rate > self.result.rate:
            self.result.rate, self.result.seconds = rate, done["seconds"]
        self.result.peak_mb, self.result.answer = done["peak_mb"], done["answer"]

    def turn(self, action: str) -> None:
        """Passes until the turn's time is over."""
        seconds = 0.0
        while seconds < _TURN:
            seconds += self.ask(action)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def contest(
    event: Event, peers: list[str], action: str, rounds: int, once: Collection[str] = ()
) -> list[Result]:
    """Each peer's result over so many rounds, in which each has a turn; those of `once` in the first only."""
    with ExitStack() as stack:
        sides = [stack.enter_context(_Process(peer, event)) for peer in peers]
        for number in range(rounds):
            for side in sides:
                if not number or side.result.peer not in once:
                    side.turn(action)
        return [side.result for side in sides]


def run_once(event: Event, peer: str, action: str) -> None:
    """One pass, for the files it leaves or warms."""
    with _Process(peer, event) as side:
        side.ask(action)
