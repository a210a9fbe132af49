"""Threads that share one stream: each takes from it when its turn comes, in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Generator
from threading import Condition
from typing import Generic, TypeVar

__all__ = ["Turnstile"]

T = TypeVar("T")


class Turnstile(Generic[T]):
    """A stream whose items go to turns 0, 1, 2, ... in order, whichever threads have them.

    Nothing is taken while items of `most_bytes` or more are out, so that fast reading does not fill memory.
    After an error, which goes to the turn that meets it, and at the stream's end, turns get None.

    Args:
        stream: Items; used by one thread at a time.
        size: An item's bytes.
        most_bytes: When to wait until some are given back.
    """

    def __init__(self, stream: Generator[T], size: Callable[[T], int], most_bytes: int) -> None:
        self._stream = stream
        self._size = size
        self._most_bytes = most_bytes
        self._turn = 0
        self._bytes_out = 0
        self._ended = False
        self._changed = Condition()

    def take(self, turn: int) -> T | None:
        """The next item, when all turns before have taken theirs; None if there is none.

        Whoever takes one gives it back.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._is_due(turn))
            if self._ended:
                return None
        try:
            item = next(self._stream, None)
        except BaseException:
            self._pass_on(0, ended=True)
            raise
        self._pass_on(0 if item is None else self._size(item), ended=item is None)
        return item

    def give_back(self, item: T) -> None:
        """Whoever took the item is done with it."""
        with self._changed:
            self._bytes_out -= self._size(item)
            self._changed.notify_all()

    def end(self) -> None:
        """No more is wanted: whoever waits gets None."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _is_due(self, turn: int) -> bool:
        return turn == self._turn and self._bytes_out < self._most_bytes

    def _pass_on(self, bytes_: int, ended: bool) -> None:
        with self._changed:
            self._turn += 1
            self._bytes_out += bytes_
            self._ended |= ended
            self._changed.notify_all()
