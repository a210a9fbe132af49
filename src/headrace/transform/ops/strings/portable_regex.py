r"""The regular expressions that mean the same in every runtime.

ONNX Runtime takes the longest match, Arrow and Python the first their engine finds, and `\w` and `.` differ
between them. They agree on a sequence of characters and `[classes]`, of which at most one is repeated by
`?`, `*`, `+` or `{m,n}`: of such a pattern the greedy match is the longest one. So that much is allowed, with
`\d \w \s` of ASCII and `.` for all but a newline; groups, `|`, `^`, `$` and lazy repeats are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from headrace.errors import TraceError

__all__ = ["Pattern", "Piece", "parse"]

Ranges = tuple[tuple[int, int], ...]

_LAST = 0x10FFFF
_MOST = 1000  # RE2's limit of repeats
_CLASSES: dict[str, Ranges] = {
    "d": ((48, 57),),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "s": ((9, 13), (32, 32)),
}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_ITEM = re.compile(r"\\[\s\S]|[^\\]")
_REPEAT = re.compile(r"([?*+]|\{(\d{1,4})(?:(,)(\d{0,4}))?\})")


@dataclass(frozen=True)
class Piece:
    """One character out of ranges of code points, from `least` to `most` times (None: any number)."""

    ranges: Ranges
    min_count: int = 1
    max_count: int | None = 1


@dataclass(frozen=True)
class Pattern:
    """Pieces that follow one another."""

    pieces: tuple[Piece, ...]

    @property
    def re2(self) -> str:
        """The pattern as RE2 spells it: ONNX Runtime's and Arrow's engine."""
        return self._spelled(lambda point: f"\\x{{{point:x}}}")

    @property
    def python(self) -> re.Pattern[str]:
        """The pattern for Python's engine."""
        return re.compile(self._spelled(lambda point: f"\\U{point:08x}"))

    @property
    def first(self) -> Ranges:
        """The characters with which a match can begin."""
        found: list[tuple[int, int]] = []
        for piece in self.pieces:
            found += piece.ranges
            if piece.min_count:
                break
        return _merged(found)

    @property
    def is_character(self) -> bool:
        """Whether every match is a single character."""
        return len(self.pieces) == 1 and self.pieces[0].max_count == 1

    @property
    def is_run(self) -> bool:
        """Whether the matches are the maximal runs of a set of characters."""
        return len(self.pieces) == 1 and (self.pieces[0].min_count, self.pieces[0].max_count) == (1, None)

    def _spelled(self, spell: Callable[[int], str]) -> str:
        return "".join(spell_class(piece.ranges, spell) + _repeat(piece) for piece in self.pieces)


def spell_class(ranges: Ranges, spell: Callable[[int], str] = lambda point: f"\\x{{{point:x}}}") -> str:
    """Ranges as a regular expression's class, as RE2 spells it by default."""
    return f"[{''.join(f'{spell(first)}-{spell(last)}' for first, last in ranges)}]"


def complement(ranges: Ranges) -> Ranges:
    """All other characters."""
    starts = [0, *(last + 1 for _, last in ranges)]
    ends = [*(first - 1 for first, _ in ranges), _LAST]
    return tuple((start, end) for start, end in zip(starts, ends, strict=True) if start <= end)


@cache
def parse(pattern: str) -> Pattern:
    """The pattern's pieces.

    Raises:
        TraceError: The pattern is none of those this module's head describes.
    """
    pieces: list[Piece] = []
    rest = pattern
    while rest:
        ranges, rest = _character(rest, pattern)
        least, most, rest = _repeats(rest, pattern)
        pieces.append(Piece(ranges, least, most))
    if sum(piece.min_count for piece in pieces) == 0:
        raise _refused(pattern, "which can match nothing at all")
    if sum(piece.min_count != piece.max_count for piece in pieces) > 1:
        raise _refused(pattern, "in which more than one part is repeated")
    return Pattern(tuple(pieces))


def _character(rest: str, pattern: str) -> tuple[Ranges, str]:
    """The ranges of the first piece, and what is left."""
    if rest[0] == "[":
        return _bracket(rest, pattern)
    if rest[0] in "()|^$*+?{}]":
        raise _refused(pattern, f"with '{rest[0]}' in it")
    if rest[0] == ".":
        return complement(((10, 10),)), rest[1:]
    item = _item(rest, pattern)
    return _ranges(item, pattern), rest[len(item) :]


def _item(rest: str, pattern: str) -> str:
    match = _ITEM.match(rest)
    if match is None:
        raise _refused(pattern, "that ends in a backslash")
    return match[0]


def _ranges(item: str, pattern: str) -> Ranges:
    r"""The characters of `a`, `\n` or `\d`."""
    if len(item) == 1:
        return ((ord(item), ord(item)),)
    if item[1].lower() in _CLASSES:
        ranges = _CLASSES[item[1].lower()]
        return ranges if item[1].islower() else complement(ranges)
    if item[1].isalnum() and item[1] not in _CONTROLS:
        raise _refused(pattern, f"with '{item}' in it")
    point = ord(_CONTROLS.get(item[1], item[1]))
    return ((point, point),)


def _bracket(rest: str, pattern: str) -> tuple[Ranges, str]:
    """The ranges of a class in brackets, and what is left."""
    at = 2 if rest.startswith("[^") else 1
    found: list[tuple[int, int]] = []
    while rest[at : at + 1] != "]" or not found:
        item = _item(rest[at:], pattern)
        ranges = _ranges(item, pattern)
        at += len(item)
        if rest[at : at + 1] == "-" and rest[at + 1 : at + 2] not in ("]", ""):
            last = _item(rest[at + 1 :], pattern)
            at += 1 + len(last)
            ranges = (_span(ranges, _ranges(last, pattern), pattern),)
        found += ranges
    merged = _merged(found)
    return merged if rest[1] != "^" else complement(merged), rest[at + 1 :]


def _span(first: Ranges, last: Ranges, pattern: str) -> tuple[int, int]:
    (start, start_end), (end_start, end) = first[0], last[-1]
    if start != start_end or end_start != end or start > end:
        raise _refused(pattern, "with a range that is none")
    return start, end


def _repeats(rest: str, pattern: str) -> tuple[int, int | None, str]:
    """How often the piece may come, and what is left."""
    match = _REPEAT.match(rest)
    if match is None:
        return 1, 1, rest
    rest = rest[match.end() :]
    if rest[:1] in ("?", "+", "*", "{"):
        raise _refused(pattern, "with a repeat of a repeat")
    if match[2] is None:
        least, most = {"?": (0, 1), "*": (0, None), "+": (1, None)}[match[1]]
        return least, most, rest
    least = int(match[2])
    most = least if match[3] is None else int(match[4]) if match[4] else None
    if not least <= (least if most is None else most) <= _MOST:
        raise _refused(pattern, f"with the repeat {match[1]}")
    return least, most, rest


def _repeat(piece: Piece) -> str:
    if (piece.min_count, piece.max_count) == (1, 1):
        return ""
    return f"{{{piece.min_count},{'' if piece.max_count is None else piece.max_count}}}"


def _merged(ranges: list[tuple[int, int]]) -> Ranges:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)


def _refused(pattern: str, what: str) -> TraceError:
    return TraceError(
        f"the pattern {pattern!r}, {what}: runtimes would not agree on it",
        hint="use characters and [classes], one of them repeated at most",
    )
