"""How the failure of a rank is handled: one error names it, and all ranks end."""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from torch import distributed as dist

from headrace.errors import RankError
from headrace.training.ranks.store import SharedStore

__all__ = ["Failures", "SilentRankError", "is_lost_peer"]

_PERIOD = 0.5  # seconds between two looks at the store
_TO_SAY = 2.0  # seconds for the rank that raises the error to print it, before the launcher ends it
_GRACE = 5.0  # seconds in which a rank ends by itself after another has failed
_GRACE_TO_REPORT = 20.0  # the same of the rank that raises the error
_SILENCE = 10.0  # seconds after which a rank of another machine that publishes nothing has ended
_TIMEOUT = re.compile(r"timed? ?out", re.IGNORECASE)
_LOST = re.compile(r"gloo|nccl|connection|timed? ?out|broken pipe|socket", re.IGNORECASE)


def is_lost_peer(error: BaseException) -> bool:
    """Return whether an error of torch says that another process cannot be reached."""
    return isinstance(error, dist.DistError) or _LOST.search(str(error)) is not None


class SilentRankError(RankError, SystemExit):
    """The failure of another rank, which that rank reports: uncaught, it ends the process without a word."""

    code = 1


class Failures:
    """The failures of the ranks, in the store that the processes share; a thread watches it.

    The rank that fails first publishes why, and raises its error with its rank; the others raise a
    `SilentRankError`. A rank that others wait for in vain is named by what it did last. A process that does
    not end by itself within seconds of another's failure, since it hangs, is ended.

    Args:
        store: The store.
        rank: The number of this process.
        count: The number of processes.
        seconds: Seconds that a rank waits for another.

    Attributes:
        rank: See above.
        seconds: See above.
        places: Host, process and CPUs of each rank.
    """

    def __init__(self, store: Any, rank: int, count: int, seconds: float) -> None:
        self._store: Any = SharedStore(store, lambda: not self.places or self._runs(0))
        self.rank, self._count = rank, count
        self.seconds = seconds
        self._doing, self._waits, self._since = "starts", False, monotonic()
        self._place = {"host": socket.gethostname(), "process": os.getpid(), "cpus": _list_cpus()}
        self._failure: dict[str, Any] | None = None  # that the watcher has seen
        self._ended = threading.Event()
        self.places: list[dict[str, Any]] = []
        self._note()
        self.places = [self._read(each) for each in range(count)]
        self._watcher = threading.Thread(target=self._watch, name="headrace-ranks", daemon=True)
        self._watcher.start()

    def close(self) -> None:
        """Stop watching."""
        self._ended.set()
        self._watcher.join()

    def note(self, doing: str) -> None:
        """Note what this rank does from now on."""
        self._doing, self._since = doing, monotonic()

    @contextmanager
    def waits(self) -> Generator[None]:
        """Note that this rank waits for others inside a `with` block."""
        self._waits, self._since = True, monotonic()
        try:
            yield
        finally:
            self._waits, self._since = False, monotonic()

    def _note(self) -> None:
        note = {"doing": self._doing, "waits": self._waits, "seconds": monotonic() - self._since}
        self._store.set(f"rank/{self.rank}", json.dumps({**self._place, **note}))
        self._store.add(f"beats/{self.rank}", 1)

    def _read(self, rank: int) -> dict[str, Any]:
        return json.loads(self._store.get(f"rank/{rank}"))

    def _watch(self) -> None:
        """Publish what this rank does; end the process if it outlives the failure of another rank."""
        try:
            while not self._store.check(["failure"]):
                if self._ended.wait(_PERIOD):
                    return
                self._note()
            self._failure = json.loads(self._store.get("failure"))
            self._store.add("seen", 1)
        except Exception:  # the process that kept the store has ended
            pass
        reports = self._failure is not None and self._failure["by"] == self.rank
        if not self._ended.wait(_GRACE_TO_REPORT if reports else _GRACE):
            if self._failure is not None and reports:
                print(f"RankError: {self._failure['text']}", file=sys.stderr, flush=True)  # noqa: T201
            os._exit(1)

    def mark(self, name: str) -> None:
        """Tell the other ranks that something is done."""
        self._store.set(name, "done")

    def wait_for(self, name: str, seconds: float, doing: str) -> None:
        """Wait until the first rank has marked something as done.

        Raises:
            RankError: A rank failed or ended, or the first one took longer.
        """
        deadline = monotonic() + seconds
        with self.waits():
            while not self._is_marked(name):
                if self.find() is not None:
                    raise self.explain()
                if monotonic() > deadline:
                    raise self._claim(f"rank 0: no answer for {seconds:g} s, it reported: {doing}")
                sleep(0.1)

    def _is_marked(self, name: str) -> bool:
        try:
            return bool(self._store.check([name]))
        except Exception:
            raise self.explain() from None

    def publish(self, error: BaseException) -> BaseException:
        """Publish why this rank fails.

        Returns:
            What this rank raises: the error, or a `SilentRankError` if another rank has failed before.
        """
        if isinstance(error, RankError):
            return error
        cause = f"{type(error).__name__}: {' '.join(str(error).split())}"
        text = f"rank {self.rank}: {cause}"
        if isinstance(error, SystemExit) and not isinstance(error.code, str):  # it ends without a word
            claimed = self._claim(text, by=int(self.rank == 0))
            return error if str(claimed) == str(SilentRankError(text)) else claimed
        claimed = self._claim(text)
        if not isinstance(claimed, SilentRankError):
            with suppress(AttributeError):
                error.rank = self.rank  # pyright: ignore[reportAttributeAccessIssue]
            return error
        return claimed

    def explain(self, error: BaseException | None = None) -> RankError:
        """Find which rank cannot be reached, and why.

        Args:
            error: The error of torch.

        Returns:
            What this rank raises.
        """
        text = self.find()
        if text is None and _TIMEOUT.search(str(error)):
            text = self._name_late()
        if text is None:
            beats, deadline = self._count_beats(), monotonic() + _SILENCE
            while text is None and monotonic() < deadline:
                sleep(0.1)
                text = self.find()
            text = text or self._name_silent(beats)
        return self._claim(text)

    def find(self) -> str | None:
        """Return why a rank has failed or ended, if that is known at once."""
        with suppress(Exception):
            if self._failure is None and self._store.check(["failure"]):
                self._failure = json.loads(self._store.get("failure"))
        if self._failure is not None:
            return self._failure["text"]
        for rank, place in enumerate(self.places):
            if not self._runs(rank):
                doing = ""
                with suppress(Exception):
                    doing = f", after it reported: {self._read(rank)['doing']}"
                return f"rank {rank}: the process {place['process']} was killed or has ended{doing}"
        return None

    def _name_late(self) -> str:
        """Name the rank that others wait for."""
        notes = dict[int, dict[str, Any]]()
        with suppress(Exception):
            notes = {rank: self._read(rank) for rank in range(self._count) if rank != self.rank}
        late = [rank for rank, note in notes.items() if not note["waits"]] or list(notes)
        if not late:
            return f"no rank answers after {self.seconds:g} s"
        rank = max(late, key=lambda each: notes[each]["seconds"])
        hint = "see where it hangs (py-spy dump), or raise rank_timeout if it is only slow"
        return f"rank {rank}: no answer for {self.seconds:g} s, it reported: {notes[rank]['doing']}; {hint}"

    def _count_beats(self) -> list[int]:
        with suppress(Exception):
            return [self._store.add(f"beats/{rank}", 0) for rank in range(self._count)]
        return []

    def _name_silent(self, before: list[int]) -> str:
        beats = self._count_beats()
        silent = [rank for rank, pair in enumerate(zip(before, beats, strict=False)) if pair[0] == pair[1]]
        if not silent:
            return f"rank {self.rank}: the connection to another rank was lost"
        host = self.places[silent[0]]["host"]
        return f"rank {silent[0]}: its process on {host} has ended, or cannot be reached"

    def _claim(self, text: str, by: int | None = None) -> RankError:
        """Publish a failure; return what this rank raises.

        The first rank to publish one reports it, or the rank `by`.
        """
        mine = json.dumps({"by": self.rank if by is None else by, "text": text})
        first: dict[str, Any]
        try:
            first = self._failure or json.loads(self._store.compare_set("failure", "", mine))
        except Exception:
            first = {"by": min(filter(self._runs, range(self._count))), "text": text}
        deadline = monotonic() + _TO_SAY
        if first["by"] == self.rank:
            while monotonic() < deadline and not self._is_seen():
                sleep(0.05)
            return RankError(first["text"])
        while monotonic() < deadline and self._runs(first["by"]):
            sleep(0.05)
        return SilentRankError(first["text"])

    def _is_seen(self) -> bool:
        """Return whether the ranks that run know of the failure: this process may keep the store."""
        with suppress(Exception):
            return self._store.add("seen", 0) >= sum(map(self._runs, range(self._count)))
        return True

    def _runs(self, rank: int) -> bool:
        """Return whether the process of a rank runs; one of another machine is taken to."""
        place = self.places[rank]
        return place["host"] != self._place["host"] or _is_running(place["process"])


def _list_cpus() -> list[int]:
    affinity = getattr(os, "sched_getaffinity", None)
    return sorted(affinity(0)) if affinity else []


def _is_running(process: int) -> bool:
    """Return whether a process of this machine runs; one that has ended may still wait for its parent."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    return True
