"""Kill a process just before its nth rename, directory creation or deletion."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

__all__ = ["KillPoints"]

FUNCTIONS = ("rename", "replace", "mkdir", "rmdir", "unlink", "remove")


class KillPoints:
    """Counts calls of `os` functions that change folders; kills the process before call `kill_at`.

    Attributes:
        calls: The number of calls so far.
    """

    def __init__(self, kill_at: int | None = None) -> None:
        self.calls = 0
        self._kill_at = kill_at

    def install(self) -> None:
        """Replace the functions in `os`; pathlib, shutil and all libraries in Python call them there."""
        for name in FUNCTIONS:
            setattr(os, name, self._counted(getattr(os, name)))

    def _counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if self.calls == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            self.calls += 1
            return function(*args, **kwargs)

        return call
