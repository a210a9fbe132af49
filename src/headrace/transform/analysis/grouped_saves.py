"""Save the states of neighbouring parts in one file, as a file costs more than the states of a small part."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from headrace.transform.analysis.passes import StateKey
from headrace.transform.analysis.state_cache import StateCache, state_name

__all__ = ["GroupedSaves"]

GROUP = 64  # parts
_MOST_SECONDS = 1.0
_MOST_BYTES = 1 << 22


class GroupedSaves:
    """Saves to a cache, a file for each `GROUP` parts; as a context manager, saves the last at the end.

    A group that takes more than a second, or whose states are large, is saved a part at a time: a crash loses
    the states of a second's work.

    Args:
        cache: The cache.
        keys: The keys of all states.
    """

    def __init__(self, cache: StateCache, keys: Iterable[StateKey]) -> None:
        self._cache = cache
        self._names = {key: state_name(key) for key in keys}
        self._group = -1
        self._start()

    def _start(self) -> None:
        self._waiting: dict[str, dict[str, bytes]] = {}
        self._bytes = 0
        self._since = time.monotonic()
        self._is_single = not self._cache.makes_groups

    def save(self, number: int, fingerprint: str, states: Mapping[StateKey, Any]) -> None:
        """Save the states over a part, or over a prefix that ends with it.

        Args:
            number: The part's number; numbers do not decrease.
            fingerprint: The fingerprint of the part or of the prefix, taken before it was read.
            states: The states by key.

        Raises:
            UsageError: The cache cannot be written to.
        """
        if number // GROUP != self._group:
            self.flush()
            self._group = number // GROUP
        dumped = {self._names[key]: key[0].dump(state) for key, state in states.items()}
        self._waiting[fingerprint] = dumped
        self._bytes += sum(map(len, dumped.values()))
        if self._is_single or self._bytes > _MOST_BYTES or time.monotonic() > self._since + _MOST_SECONDS:
            self._is_single = True
            for name, each in self._waiting.items():
                self._cache.save_bytes({name: each})
            self._waiting = {}

    def flush(self) -> None:
        """Save what waits."""
        waiting = self._waiting
        self._start()
        self._cache.save_bytes(waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flush()
