"""Waits for conditions: a test says what it waits for, not how long a busy machine may take."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

PATIENCE = 300.0  # seconds, after which something hangs


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds; fail if it does not within five minutes."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "the condition does not come true"
        time.sleep(0.001)


@contextmanager
def no_new_threads() -> Generator[None]:
    """Fail if a `with` block leaves a thread running; the pool of the process stays."""
    before = set(threading.enumerate())
    yield
    wait_until(lambda: all(_stays(thread) for thread in set(threading.enumerate()) - before))


def _stays(thread: threading.Thread) -> bool:
    return thread.name.startswith("headrace-shared")
