"""The store through which processes learn of one another's failures."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

__all__ = ["SharedStore"]


class SharedStore:
    """The store of torch that the processes share. Once it is lost, calls fail at once.

    torch prints a C++ trace for each call on a lost store.

    Args:
        store: The store.
        runs_first: Returns whether the first process runs, which keeps the store unless torchrun does.
    """

    def __init__(self, store: Any, runs_first: Callable[[], bool]) -> None:
        self._store, self._runs_first = store, runs_first
        self._is_kept_by_first = os.environ.get("TORCHELASTIC_USE_AGENT_STORE") != "True"
        self._is_lost = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._call, name)

    def _call(self, name: str, *arguments: Any) -> Any:
        if self._is_lost or (self._is_kept_by_first and not self._runs_first()):
            raise ConnectionError("the store of the processes is lost")
        try:
            return getattr(self._store, name)(*arguments)
        except Exception:
            self._is_lost = True
            raise
