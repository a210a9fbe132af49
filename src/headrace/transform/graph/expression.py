"""Write expressions, such as `mean(cast(age))`, up to a limit of characters.

A value that several others use is written once for each of them, so a graph of a few dozen steps can be an
expression of gigabytes, and one of a thousand steps can be nested a thousand deep. Nothing here recurses, and
nothing beyond the limit is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

__all__ = ["intersperse", "shorten", "write_expression"]

T = TypeVar("T")


def write_expression(pieces: Iterable[T | str], expand: Callable[[T], Sequence[T | str]], most: int) -> str:
    """Write an expression from left to right, and stop once it has more than `most` characters.

    Args:
        pieces: Text, and values to expand.
        expand: Returns the pieces of a value's expression.
        most: The number of characters after which the rest is left out; see `shorten`.
    """
    written: list[str] = []
    length = 0
    left: list[T | str] = list(pieces)[::-1]
    while left and length <= most:
        piece = left.pop()
        if isinstance(piece, str):
            written.append(piece)
            length += len(piece)
        else:
            left.extend(reversed(expand(piece)))
    return "".join(written)


def intersperse(pieces: Iterable[T | str]) -> list[T | str]:
    """Place commas between the pieces of a list of arguments."""
    return [each for piece in pieces for each in (", ", piece)][1:]


def shorten(text: str, most: int, end: str = "...") -> str:
    """Cut a text of more than `most` characters, and end it with `end`."""
    return text if len(text) <= most else text[: most - len(end)] + end
