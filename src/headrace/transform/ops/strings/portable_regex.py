r"""Regular expressions with the same matches in every runtime.

ONNX Runtime returns the longest match, Arrow and Python the first one their engine finds, and `\w` and `.`
differ between them. They agree on a sequence of characters and `[classes]` of which at most one is repeated
by `?`, `*`, `+` or `{m,n}`: there the greedy match is the longest one. Only such patterns are accepted. `\d`,
`\w` and `\s` are ASCII, `.` is any character but a newline; groups, `|`, `^`, `$` and lazy repeats are
refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from headrace.errors import TraceError

__all__ = ["Pattern", "Piece", "complement", "merge_ranges", "parse", "spell_class"]

Ranges = tuple[tuple[int, int], ...]

_LAST = 0x10FFFF
_MOST = 1000  # the limit of repeats in RE2
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
    """A character out of ranges of code points, from `min_count` to `max_count` times (None: unlimited)."""

    ranges: Ranges
    min_count: int = 1
    max_count: int | None = 1


@dataclass(frozen=True)
class Pattern:
    """A sequence of pieces."""

    pieces: tuple[Piece, ...]

    @property
    def re2(self) -> str:
        """The pattern in the syntax of RE2, the engine of ONNX Runtime and Arrow."""
        return self._format(lambda point: f"\\x{{{point:x}}}")

    @property
    def python(self) -> re.Pattern[str]:
        """The pattern compiled for Python's engine."""
        return re.compile(self._format(lambda point: f"\\U{point:08x}"))

    @property
    def first(self) -> Ranges:
        """The characters that can start a match."""
        found: list[tuple[int, int]] = []
        for piece in self.pieces:
            found += piece.ranges
            if piece.min_count:
                break
        return merge_ranges(found)

    @property
    def is_character(self) -> bool:
        """True if every match is a single character."""
        return len(self.pieces) == 1 and self.pieces[0].max_count == 1

    @property
    def is_run(self) -> bool:
        """True if the matches are the maximal runs of a set of characters."""
        return len(self.pieces) == 1 and (self.pieces[0].min_count, self.pieces[0].max_count) == (1, None)

    def _format(self, spell: Callable[[int], str]) -> str:
        return "".join(spell_class(piece.ranges, spell) + _repeat(piece) for piece in self.pieces)


def spell_class(ranges: Ranges, spell: Callable[[int], str] = lambda point: f"\\x{{{point:x}}}") -> str:
    """Format ranges as a character class, by default in the syntax of RE2."""
    return f"[{''.join(f'{spell(first)}-{spell(last)}' for first, last in ranges)}]"


def complement(ranges: Ranges) -> Ranges:
    """Return the ranges of all other characters."""
    starts = [0, *(last + 1 for _, last in ranges)]
    ends = [*(first - 1 for first, _ in ranges), _LAST]
    return tuple((start, end) for start, end in zip(starts, ends, strict=True) if start <= end)


@cache
def parse(pattern: str) -> Pattern:
    """Parse a pattern into its pieces.

    Raises:
        TraceError: Runtimes would disagree on the pattern; see the docstring of this module.
    """
    pieces: list[Piece] = []
    rest = pattern
    while rest:
        ranges, rest = _character(rest, pattern)
        least, most, rest = _repeats(rest, pattern)
        pieces.append(Piece(ranges, least, most))
    if sum(piece.min_count for piece in pieces) == 0:
        raise _refusal(pattern, "it can match the empty string")
    if sum(piece.min_count != piece.max_count for piece in pieces) > 1:
        raise _refusal(pattern, "more than one part is repeated")
    return Pattern(tuple(pieces))


def _character(rest: str, pattern: str) -> tuple[Ranges, str]:
    """Parse the ranges of the first piece; return them and the rest of the pattern."""
    if rest[0] == "[":
        return _bracket(rest, pattern)
    if rest[0] in "()|^$*+?{}]":
        raise _refusal(pattern, f"'{rest[0]}' is not supported")
    if rest[0] == ".":
        return complement(((10, 10),)), rest[1:]
    item = _item(rest, pattern)
    return _ranges(item, pattern), rest[len(item) :]


def _item(rest: str, pattern: str) -> str:
    match = _ITEM.match(rest)
    if match is None:
        raise _refusal(pattern, "it ends in a backslash")
    return match[0]


def _ranges(item: str, pattern: str) -> Ranges:
    r"""Return the characters of an item such as `a`, `\n` or `\d`."""
    if len(item) == 1:
        return ((ord(item), ord(item)),)
    if item[1].lower() in _CLASSES:
        ranges = _CLASSES[item[1].lower()]
        return ranges if item[1].islower() else complement(ranges)
    if item[1].isalnum() and item[1] not in _CONTROLS:
        raise _refusal(pattern, f"'{item}' is not supported")
    point = ord(_CONTROLS.get(item[1], item[1]))
    return ((point, point),)


def _bracket(rest: str, pattern: str) -> tuple[Ranges, str]:
    """Parse a class in brackets; return its ranges and the rest of the pattern."""
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
    merged = merge_ranges(found)
    return merged if rest[1] != "^" else complement(merged), rest[at + 1 :]


def _span(first: Ranges, last: Ranges, pattern: str) -> tuple[int, int]:
    (start, start_end), (end_start, end) = first[0], last[-1]
    if start != start_end or end_start != end or start > end:
        raise _refusal(pattern, "a range in brackets is invalid")
    return start, end


def _repeats(rest: str, pattern: str) -> tuple[int, int | None, str]:
    """Parse the repeat of a piece; return its bounds and the rest of the pattern."""
    match = _REPEAT.match(rest)
    if match is None:
        return 1, 1, rest
    rest = rest[match.end() :]
    if rest[:1] in ("?", "+", "*", "{"):
        raise _refusal(pattern, "a repeat is repeated")
    if match[2] is None:
        least, most = {"?": (0, 1), "*": (0, None), "+": (1, None)}[match[1]]
        return least, most, rest
    least = int(match[2])
    most = least if match[3] is None else int(match[4]) if match[4] else None
    if not least <= (least if most is None else most) <= _MOST:
        raise _refusal(pattern, f"the repeat {match[1]} is out of range")
    return least, most, rest


def _repeat(piece: Piece) -> str:
    if (piece.min_count, piece.max_count) == (1, 1):
        return ""
    return f"{{{piece.min_count},{'' if piece.max_count is None else piece.max_count}}}"


def merge_ranges(ranges: list[tuple[int, int]]) -> Ranges:
    """Sort ranges, and merge those that overlap or adjoin."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)


def _refusal(pattern: str, what: str) -> TraceError:
    return TraceError(
        f"runtimes would disagree on the pattern {pattern!r}: {what}",
        hint="use characters and [classes], at most one of them repeated",
    )
