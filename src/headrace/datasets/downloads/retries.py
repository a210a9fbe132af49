"""When a download is tried again, and after how long."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["RequestError", "Retries"]


class RequestError(Exception):
    """A request failed, or its response broke off.

    Attributes:
        reason: Why.
        is_temporary: Whether another attempt may succeed.
        wait: Seconds that the server asks to wait; None if it does not say.
        is_changed: Whether the bytes received so far are of no use.
    """

    def __init__(
        self, reason: str, *, is_temporary: bool, wait: float | None = None, is_changed: bool = False
    ) -> None:
        self.reason, self.is_temporary, self.wait, self.is_changed = reason, is_temporary, wait, is_changed
        super().__init__(reason)


@dataclass(frozen=True)
class Retries:
    """How patient a download is.

    Attributes:
        attempts: Attempts in a row without progress; then the download fails.
        progress: Bytes of one attempt that count as progress.
        first_wait: Seconds before the second attempt; each further wait is twice as long.
        longest_wait: Seconds; a server that asks for more makes the download fail.
        timeout: Seconds without a byte from the server, or with fewer than 10 kB.
        sleep: Waits for some seconds.
        clock: Returns monotonic seconds.
    """

    attempts: int = 6
    progress: int = 1 << 20
    first_wait: float = 1.0
    longest_wait: float = 120.0
    timeout: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def count(self, failures: int, received: int) -> int:
        """Count the failures in a row after one more attempt, which brought `received` bytes."""
        return 1 if received >= self.progress else failures + 1

    def find_wait(self, failures: int, error: RequestError) -> float | None:
        """Return the seconds to wait after some failures in a row, or None to give up."""
        if not error.is_temporary or failures >= self.attempts:
            return None
        if error.wait is not None:
            return error.wait if error.wait <= self.longest_wait else None
        return min(self.first_wait * 2 ** (failures - 1), self.longest_wait)
