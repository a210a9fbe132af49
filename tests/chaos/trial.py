"""Kill a workload, look at what is left, and do it again."""

from __future__ import annotations

import importlib
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos.kill_points import KillPoints
from tests.chaos.workloads import Workload, copy_folder, leftovers, snapshot

from headrace.errors import HeadraceError

__all__ = ["Subject", "kill_at_points", "kill_at_random"]


@dataclass(frozen=True)
class Subject:
    """A workload with its uninterrupted result.

    Attributes:
        workload: The workload.
        place: The folder that each trial gets a fresh copy of the inputs in, always under one path.
        prepared: The inputs and the older result.
        expected: The files of the uninterrupted result.
        before: What a user reads of the older result.
        after: What a user reads of the new one.
        points: The calls that change folders.
        seconds: How long it takes.
    """

    workload: Workload
    place: Path
    prepared: Path
    expected: dict[str, bytes]
    before: Any
    after: Any
    points: int
    seconds: float

    @classmethod
    def measure(cls, workload: Workload, root: Path) -> Subject:
        """Do the workload once without interruption."""
        prepared, place = root / "prepared", root / "place"
        place.mkdir(parents=True)
        _in_child(lambda: workload.prepare(place))
        before = _try_read(workload, place)
        place.rename(prepared)
        counter = root / "calls"
        seconds = points = 0
        for _ in range(2):  # importing takes time and writes files, so the second time counts
            shutil.rmtree(place, ignore_errors=True)
            copy_folder(prepared, place)
            start = time.monotonic()
            assert _in_child(lambda: _count_calls(workload, place, counter)) == 0
            seconds = time.monotonic() - start
            points, modules = json.loads(counter.read_text())
            _import_all(modules)
        expected, after = snapshot(place), _try_read(workload, place)
        assert leftovers(place) == []
        return cls(workload, place, prepared, expected, before, after, points, seconds)

    @contextmanager
    def fresh_copy(self) -> Iterator[Path]:
        """Copy the inputs to the place."""
        shutil.rmtree(self.place, ignore_errors=True)
        yield copy_folder(self.prepared, self.place)

    def check_after_kill(self, place: Path) -> None:
        """A user reads the older result, or the new one, or gets an error; then redo the workload."""
        found = _try_read(self.workload, place)
        assert found in (self.before, self.after), f"a mixture: {found!r}"
        status = _in_child(lambda: self.workload.do(place))
        assert status == 0, f"doing it again failed with status {status}"
        again = snapshot(place)
        assert leftovers(place) == []
        assert again.keys() == self.expected.keys(), sorted(again.keys() ^ self.expected.keys())
        different = [name for name, data in again.items() if data != self.expected[name]]
        assert not different, f"other bytes: {different}"


def kill_at_points(subject: Subject, most: int) -> int:
    """Kill the workload before each call that changes a folder, or before `most` of them, evenly spaced."""
    count = min(most, subject.points)
    for trial in range(count):
        point = trial * subject.points // count
        with subject.fresh_copy() as place:
            status = _in_child(lambda place=place, point=point: _do_killed(subject.workload, place, point))
            assert status == -signal.SIGKILL, f"point {point}: status {status}"
            _checked(subject, place, f"killed at point {point} of {subject.points}")
    return count


def kill_at_random(subject: Subject, trials: int, seed: int = 0) -> int:
    """Kill the workload after random times."""
    generator = random.Random(seed)
    for trial in range(trials):
        seconds = generator.uniform(0, 1.1 * subject.seconds)
        with subject.fresh_copy() as place:
            _in_child(lambda place=place: subject.workload.do(place), kill_after=seconds)
            _checked(subject, place, f"trial {trial}: killed after {seconds:.3f} s")
    return trials


def _checked(subject: Subject, place: Path, what: str) -> None:
    try:
        subject.check_after_kill(place)
    except AssertionError as error:
        raise AssertionError(f"{type(subject.workload).__name__}, {what}: {error}") from error


def _try_read(workload: Workload, place: Path) -> Any:
    """What a user reads, or the name of the error, in a process of its own: threads do not survive a fork."""
    answer = place.with_name("answer.json")

    def read() -> None:
        try:
            answer.write_text(json.dumps(workload.read(place)))
        except HeadraceError as error:
            answer.write_text(json.dumps(type(error).__name__))

    assert _in_child(read) == 0
    return json.loads(answer.read_text())


def _count_calls(workload: Workload, place: Path, counter: Path) -> None:
    points = KillPoints()
    points.install()
    workload.do(place)
    counter.write_text(json.dumps([points.calls, sorted(sys.modules)]))


def _import_all(modules: list[str]) -> None:
    """Import what a workload imports, so that the processes forked from now on have it."""
    for name in modules:
        with suppress(Exception):  # modules that libraries make up
            importlib.import_module(name)


def _do_killed(workload: Workload, place: Path, point: int) -> None:
    KillPoints(point).install()
    workload.do(place)


def _in_child(work: Callable[[], Any], kill_after: float | None = None) -> int:
    """Call a function in a forked process; return its exit status, negative for a signal."""
    sys.stdout.flush()
    sys.stderr.flush()
    errors = os.dup(2)
    child = os.fork()
    if not child:
        status = 1
        try:
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            work()
            status = 0
        except BaseException:
            os.dup2(errors, 2)
            traceback.print_exc()
        finally:
            os._exit(status)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    os.close(errors)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
