"""Formats of dates in strings: a bounded set of strptime's directives, and ISO 8601.

A format is read the same way by the kernel (`_native/text/dates.cpp`), which takes its steps, and by ONNX,
which matches its regular expression, and then takes the runs of digits and letters one after the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np

from headrace.errors import TraceError

__all__ = ["ISO_EXAMPLE", "ISO_REGEX", "NAMES", "DateFormat", "Step", "parse_format"]

_SPACE = "[\\t-\\r ]"
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_WEEKDAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_DIGITS = {"Y": (4, 4), "y": (2, 2), "f": (1, 6), "j": (1, 3), **dict.fromkeys("mdHIMS", (1, 2))}
_LETTERS = {"b": _MONTHS, "a": _WEEKDAYS, "p": "am|pm"}
NAMES = {
    "b": {name: place for place, word in enumerate(_MONTHS.split("|"), 1) for name in (word, word[:3])},
    "p": {"am": 0, "pm": 12},
}
_SAME = {"B": "b", "A": "a"}
_EXAMPLES = {
    "Y": "2000",
    "y": "00",
    "m": "01",
    "d": "01",
    "j": "001",
    "b": "jan",
    "a": "sat",
    " ": " ",
    "H": "00",
    "I": "12",
    "p": "am",
    "M": "00",
    "S": "00",
    "f": "000000",
    "z": "+00:00",
}
_MOST_CHARACTERS = 200
_MOST_DIGITS = 18  # of a run, which int64 holds
_HINT = "use %Y %y %m %d %j %b %B %a %A %H %I %p %M %S %f %z, once each, such as %d/%m/%Y %H:%M"

_MONTH, _DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_HOUR, _SIXTY = "(?:[01][0-9]|2[0-3])", "[0-5][0-9]"
_OFFSET = f" ?(?:[Zz]|UTC|[+-]{_HOUR}(?::?{_SIXTY})?)"
_FRACTION = "(?:[.,][0-9]+)?"
_CLOCK = f"{_HOUR}(?::{_SIXTY}(?::{_SIXTY}{_FRACTION})?|{_SIXTY}(?:{_SIXTY}{_FRACTION})?)?"
ISO_REGEX = f"{_SPACE}*[0-9]{{4}}(?:-{_MONTH}-{_DAY}|{_MONTH}{_DAY})(?:[Tt ]{_CLOCK}(?:{_OFFSET})?)?{_SPACE}*"
ISO_EXAMPLE = "2000-01-01T00:00:00.000000+00:00"


@dataclass(frozen=True)
class Step:
    """What the next characters of a date are.

    Attributes:
        kind: A directive, a space for white space, or "" for the character `text`.
        text: The character.
        least: The smallest number of digits.
        most: The largest number of digits.
    """

    kind: str
    text: str = ""
    least: int = 0
    most: int = 0

    @property
    def is_number(self) -> bool:
        """Whether it is a run of digits, or a part of one."""
        return self.kind in _DIGITS

    @property
    def code(self) -> tuple[int, int, int]:
        """The step as the kernel reads it."""
        return (ord(self.kind), self.least, self.most) if self.kind else (0, ord(self.text), 0)

    @property
    def regex(self) -> str:
        """The regular expression of the characters."""
        if self.is_number:
            return f"[0-9]{{{self.least},{self.most}}}"
        if self.kind in _LETTERS:
            words = _LETTERS[self.kind].split("|")
            return f"(?i:{'|'.join(dict.fromkeys([*words, *(word[:3] for word in words)]))})"
        if self.kind == "z":
            return f"(?:Z|[+-]{_HOUR}:?{_SIXTY})"
        return f"{_SPACE}+" if self.kind == " " else re.escape(self.text)


@dataclass(frozen=True)
class DateFormat:
    """A parsed format.

    Attributes:
        steps: The steps.
    """

    steps: tuple[Step, ...]

    @cached_property
    def program(self) -> np.ndarray:
        """The steps as the kernel reads them: three numbers each, uint8."""
        return np.array([step.code for step in self.steps], np.uint8).reshape(-1)

    @cached_property
    def regex(self) -> str:
        """The regular expression of a whole string, in RE2 syntax."""
        return f"{_SPACE}*{''.join(step.regex for step in self.steps)}{_SPACE}*"

    @cached_property
    def example(self) -> str:
        """A string of this format, with as many runs of digits and letters as any other."""
        return "".join(step.text or _EXAMPLES[step.kind] for step in self.steps)

    @cached_property
    def numbers(self) -> list[list[Step]]:
        """The runs of digits: the numbers of each, one after the other, without the offset from UTC."""
        runs: list[list[Step]] = []
        for before, step in zip((None, *self.steps), self.steps, strict=False):
            if step.is_number and before is not None and before.is_number:
                runs[-1].append(step)
            elif step.is_number:
                runs.append([step])
        return runs

    def find_name(self, kind: str) -> int | None:
        """Return the place of a name among the runs of letters; None if the format does not have it."""
        place, inside = -1, False
        for step in self.steps:
            is_letter = step.kind in _LETTERS or (step.text.isascii() and step.text.isalpha())
            place += is_letter and not inside
            inside = is_letter
            if step.kind == kind:
                return place
        return None

    def has(self, kind: str) -> bool:
        """Whether the format has a directive."""
        return any(step.kind == kind for step in self.steps)


@lru_cache(maxsize=64)
def parse_format(text: str) -> DateFormat:
    """Parse a format such as `%d/%m/%Y`.

    Raises:
        TraceError: A directive is unknown, the format is ambiguous, or it does not have a year.
    """
    if not text.isascii() or not 0 < len(text) <= _MOST_CHARACTERS:
        what = f"expected a format of 1 to {_MOST_CHARACTERS} ASCII characters, got {text[:40]!r}"
        raise TraceError(what, hint=_HINT)
    steps = [_step(match) for match in re.finditer(r"%(.?)|\s+|.", text.strip())]
    neighbours = zip([None, *steps], steps, [*steps[1:], None], strict=False)
    fixed = [_fix_width(before, step, after) for before, step, after in neighbours]
    _check(text, fixed)
    return DateFormat(tuple(fixed))


def _step(match: re.Match[str]) -> Step:
    text, directive = match.group(), match.group(1)
    if directive is None:
        return Step(" ") if text.isspace() else Step("", text)
    if directive == "%":
        return Step("", "%")
    kind = _SAME.get(directive, directive)
    if kind in _DIGITS:
        return Step(kind, "", *_DIGITS[kind])
    if kind in _LETTERS or kind == "z":
        return Step(kind)
    raise TraceError(f"unknown directive of a date: {text}", hint=_HINT)


def _fix_width(before: Step | None, step: Step, after: Step | None) -> Step:
    """Give a number beside another one all its digits: nothing else separates them."""
    if step.is_number and any(each is not None and each.is_number for each in (before, after)):
        return Step(step.kind, "", step.most, step.most)
    return step


def _check(text: str, steps: list[Step]) -> None:
    kinds = [step.kind for step in steps if step.kind.strip()]
    twice = [kind for kind in kinds if kinds.count(kind) > 1]
    months = sum(kind in kinds for kind in "mb")
    problem = ""
    if twice:
        problem = f"%{twice[0]} occurs twice"
    elif sum(kind in kinds for kind in "Yy") != 1:
        problem = "a date has one year: %Y or %y"
    elif months > 1 or ("j" in kinds and (months or "d" in kinds)):
        problem = "the day of the year is either %m or %b with %d, or %j"
    elif ("I" in kinds) != ("p" in kinds) or ("I" in kinds and "H" in kinds):
        problem = "an hour is %H, or %I with %p"
    elif "z" in kinds and steps[-1].kind != "z":
        problem = "%z is the last directive"
    elif any(step.text.isdigit() for step in steps):
        problem = "ONNX cannot tell a digit of the format from those of the date"
    elif any(_touch(one, other) for one, other in pairwise(steps)):
        problem = "ONNX cannot tell a letter of the format from those of a name"
    elif any(sum(step.most for step in run) > _MOST_DIGITS for run in DateFormat(tuple(steps)).numbers):
        problem = f"a number has at most {_MOST_DIGITS} digits"
    if problem:
        raise TraceError(f"cannot parse dates by the format {text!r}: {problem}", hint=_HINT)


def _touch(one: Step, other: Step) -> bool:
    """Whether a name and a letter, or another name, follow each other at once."""
    is_name = one.kind in _LETTERS or other.kind in _LETTERS
    return is_name and all(step.kind in _LETTERS or step.text.isalpha() for step in (one, other))
