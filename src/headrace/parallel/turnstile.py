"""Threads that share one stream and take its items in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Generator
from threading import Condition
from typing import Generic, TypeVar

__all__ = ["Turnstile"]

T = TypeVar("T")


class Turnstile(Generic[T]):
    """A stream whose items go to turns 0, 1, 2, ... in order, independent of thread scheduling.

    Items taken and not yet given back are limited to `most_bytes`, so that fast reading does not fill memory.
    An error of the stream is raised in the turn that meets it. Later turns, and turns after the stream's end,
    get None.

    Args:
        stream: The items; iterated by one thread at a time.
        size: Returns an item's size in bytes.
        most_bytes: Take no item while the items not yet given back have at least this size.
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
        """Wait until all earlier turns have taken their items, and take the next one.

        Returns:
            The item, to be passed to `give_back` later; None at the end of the stream.

        Raises:
            Exception: The stream failed.
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
        """Return the item's bytes to the budget."""
        with self._changed:
            self._bytes_out -= self._size(item)
            self._changed.notify_all()

    def end(self) -> None:
        """End the stream early: waiting turns get None."""
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
