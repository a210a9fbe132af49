"""The sides of a workload, started together and timed in turns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.records.environments import ROOT, python_of
from bench.records.limits import Limits

__all__ = ["Result", "contest", "limits", "run_once"]

_TURN = 0.6  # seconds, at least: a fast side makes several passes
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT / "src")}


@dataclass
class Result:
    """What a side reached.

    Attributes:
        peer: Its name.
        rate: Examples a second, in its best pass.
        peak_mb: The most memory its process ever held.
    """

    peer: str
    rate: float = field(default=0.0)
    peak_mb: float = field(default=0.0)


class _Process:
    """A side's process, which does a pass when it is asked to."""

    def __init__(self, peer: str, workload: str, directory: Path, processors: int) -> None:
        command = [
            python_of(peer),
            "-m",
            "bench.records.side",
            peer,
            workload,
            str(directory),
            str(processors),
        ]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **_QUIET},
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
        self.result.rate = max(self.result.rate, done["rows"] / done["seconds"])
        self.result.peak_mb = done["peak_mb"]
        return done["seconds"]

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
    peers: list[str], workload: str, action: str, directory: Path, processors: int, rounds: int
) -> list[Result]:
    """Each peer's result over so many rounds, in which each has a turn."""
    with ExitStack() as stack:
        sides = [stack.enter_context(_Process(peer, workload, directory, processors)) for peer in peers]
        for _ in range(rounds):
            for side in sides:
                side.turn(action)
        return [side.result for side in sides]


def run_once(peer: str, workload: str, action: str, directory: Path) -> None:
    """One pass, for the files it leaves or warms."""
    with _Process(peer, workload, directory, os.cpu_count() or 1) as side:
        side.ask(action)


def limits(processors: int) -> Limits:
    """Measured in a process of their own."""
    command = [sys.executable, "-m", "bench.records.limits", str(processors)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, env={**os.environ, **_QUIET}
    )
    return Limits(**json.loads(done.stdout))
