"""Splits by name and slice, in the notation of TensorFlow Datasets.

    train                        a split
    train[100:200], train[-5:]   rows, as Python slices; negative numbers count from the end
    train[5], train[-1]          one row
    train[:80%], train[12.5%:]   percent of the rows, rounded to the nearest row, halves to the even one
    train[2shard:], train[3shard]  whole shards, where the data are stored in shards
    train[:25%]+test             one after the other
    all, all[:80%]               all splits, one after the other

`train[:p%]` and `train[p%:]` share no row and miss none.

Source: https://www.tensorflow.org/datasets/splits, except for `train[5]` and slices of `all`. A slice that is
empty, or asks for more shards than there are, is an error; TensorFlow Datasets reads no rows, or all of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from headrace.arguments import check_flag, check_integer, show_value
from headrace.errors import UsageError
from headrace.source_line import warn_user
from headrace.suggestions import suggest

__all__ = ["Size", "Split", "even_splits", "k_fold"]

_ALL = "all"
_BOUND = re.compile(r"(-?\d+)(?:(\.\d+)?(%)|(shard))?", re.ASCII)
_PART = re.compile(r"([\w.\-]+?)(?:\[([^\[\]]*)\])?", re.ASCII)
_HINT = "write it like 'train[:80%]', 'test[100:200]' or 'train+test'"


@dataclass(frozen=True)
class Size:
    """The number of rows of a split, and those of each shard if it is stored in shards."""

    rows: int
    shards: tuple[int, ...] | None = None


@dataclass(frozen=True)
class _Bound:
    """One end of a slice: a number of rows, shards or percent; a negative one counts from the end."""

    amount: Fraction
    unit: str = ""

    @classmethod
    def parse(cls, text: str) -> _Bound | None:
        """Parse one end; None if it is left out.

        Raises:
            ValueError: It is malformed.
        """
        if not text:
            return None
        found = _BOUND.fullmatch(text)
        if found is None:
            raise ValueError(text)
        whole, fraction, percent, shard = found.groups()
        return cls(Fraction(whole + (fraction or "")), percent or shard or "")

    def to_row(self, size: Size, name: str) -> int:
        """Convert to a row number within [0, rows].

        Raises:
            UsageError: It lies outside, or the split has no shards.
        """
        count = size.rows
        if self.unit == "shard":
            if size.shards is None:
                raise UsageError(f"'{name}' is not stored in shards", hint="name rows or percent")
            count = len(size.shards)
        at = round(self.amount * count / 100) if self.unit == "%" else int(self.amount)
        if abs(self.amount) > (100 if self.unit == "%" else count):
            what = f"'{name}' has {count:,} {'shards' if self.unit == 'shard' else 'rows'}"
            limit = "100 %" if self.unit == "%" else f"{count:,}"
            raise UsageError(f"{what}, the slice asks for {self}", hint=f"choose at most {limit}")
        if self.amount < 0 and not at and count:
            warn_user(f"{self} of the {count:,} rows of '{name}' rounds to row 0, counted from the start")
        at = at + count if at < 0 else at
        return sum((size.shards or ())[:at]) if self.unit == "shard" else at

    def __str__(self) -> str:
        amount = int(self.amount) if self.amount.denominator == 1 else float(self.amount)
        return f"{amount}{self.unit}"


@dataclass(frozen=True)
class _Part:
    """A named split or a slice of one; `one` is a slice of a single row or shard."""

    name: str
    start: _Bound | None = None
    stop: _Bound | None = None
    one: _Bound | None = None

    @classmethod
    def parse(cls, text: str) -> _Part:
        found = _PART.fullmatch(text)
        if found is None:
            raise ValueError(text)
        name, inside = found.groups()
        if inside is None:
            return cls(name)
        first, *more = (_Bound.parse(each) for each in inside.split(":"))
        if len(more) == 1:
            return cls(name, first, more[0])
        if more or first is None or first.unit == "%":
            raise ValueError(text)
        return cls(name, one=first)

    def choose(self, sizes: Mapping[str, Size]) -> list[tuple[str, range]]:
        """Return the rows of each split that the part holds."""
        size = _size_of_all(sizes) if self.name == _ALL else sizes[self.name]
        if self.one is not None:
            start, stop = self._choose_one(self.one, size)
        else:
            start = 0 if self.start is None else self.start.to_row(size, self.name)
            stop = size.rows if self.stop is None else self.stop.to_row(size, self.name)
        if self.name == _ALL:
            return _cut([(name, range(each.rows)) for name, each in sizes.items()], range(start, stop))
        return [(self.name, range(start, max(start, stop)))]

    def _choose_one(self, one: _Bound, size: Size) -> tuple[int, int]:
        start = one.to_row(size, self.name)
        after = _Bound(one.amount + 1, one.unit)
        is_last = after.amount == 0
        stop = size.rows if is_last else after.to_row(size, self.name)
        return start, stop


@dataclass(frozen=True)
class Split:
    """Rows of one or several splits; `load` takes one in the place of its notation.

    Attributes:
        text: Its notation.
        index: The number of the part among `count` equal ones; None for all rows.
        count: The number of parts.
        drop_remainder: Whether all parts have the same number of rows, the last rows left out.
        complement: Whether the rows of the other parts are meant.
    """

    text: str
    index: int | None = None
    count: int = 1
    drop_remainder: bool = False
    complement: bool = False

    def choose(self, sizes: Mapping[str, Size]) -> list[tuple[str, range]]:
        """Choose rows: the name of a split and the numbers of its rows, in order.

        Args:
            sizes: The sizes of all splits, by name.

        Raises:
            UsageError: The notation is malformed, names an unknown split, or chooses no row.
        """
        rows = [each for part in self._parse(sizes) for each in part.choose(sizes)]
        if self.index is not None:
            rows = [(name, each) for name, whole in rows for each in self._choose_part(whole, self.index)]
        rows = [(name, each) for name, each in rows if each]
        if not rows:
            counts = ", ".join(f"'{name}' has {size.rows:,}" for name, size in sizes.items())
            raise UsageError(f"the slice '{self}' is empty", hint=f"choose within the rows: {counts}")
        return rows

    @property
    def is_whole(self) -> bool:
        """Whether it names whole splits only."""
        return self.index is None and "[" not in self.text

    def list_names(self, known: Collection[str]) -> list[str]:
        """List the splits that are named.

        Raises:
            UsageError: The notation is malformed, or names an unknown split.
        """
        names = [part.name for part in self._parse(known)]
        return [*known] if _ALL in names else names

    def _parse(self, known: Collection[str]) -> list[_Part]:
        try:
            parts = [_Part.parse(each) for each in self.text.replace(" ", "").split("+")]
        except ValueError:
            raise UsageError(f"malformed split '{self.text}'", hint=_HINT) from None
        for part in parts:
            if part.name not in known and part.name != _ALL:
                raise UsageError(f"unknown split '{part.name}'", hint=suggest(part.name, [*known, _ALL]))
        return parts

    def _choose_part(self, rows: range, index: int) -> list[range]:
        """Return the part of rows, or all others; the first parts hold the rows left over."""
        each, left = divmod(len(rows), self.count)
        if self.drop_remainder:
            left = 0
        start, stop, end = (place * each + min(place, left) for place in (index, index + 1, self.count))
        return [rows[:start], rows[stop:end]] if self.complement else [rows[start:stop]]

    def __str__(self) -> str:
        if self.index is None:
            return self.text
        return f"{self.text}, {'all but ' if self.complement else ''}part {self.index + 1} of {self.count}"


def even_splits(split: str, n: int, drop_remainder: bool = False) -> list[Split]:
    """Divide a split into parts of equal size, for the hosts of a distributed training for example.

    Args:
        split: The notation of a split.
        n: The number of parts. Each split that is named is divided, so that all parts have the same shares of
            them. Where its rows cannot be divided evenly, the first parts have one row more.
        drop_remainder: Give all parts the same number of rows, and leave out the last rows.

    Returns:
        The parts, to pass to `load`. Together they hold all rows, each once.

    Raises:
        UsageError: `split` is not a string, or `n` is not a positive integer.

    Example:
        >>> import headrace as hr
        >>> first, *others = hr.datasets.even_splits("train[:50%]", 3)
        >>> hr.datasets.load("housing", first).num_rows
        2752
    """
    text, count = _check_text(split), check_integer(n, "n", 1)
    drops = check_flag(drop_remainder, "drop_remainder")
    return [Split(text, index, count, drops) for index in range(count)]


def k_fold(split: str, k: int) -> list[tuple[Split, Split]]:
    """Divide a split into k parts, each of which is left out of the training once.

    Args:
        split: The notation of a split.
        k: The number of parts, at least 2.

    Returns:
        For each part, the rows to train on and the rows to validate on, to pass to `load`.

    Raises:
        UsageError: `split` is not a string, or `k` is not an integer of at least 2.

    Example:
        >>> import headrace as hr
        >>> folds = hr.datasets.k_fold("train", 5)
        >>> [hr.datasets.load("housing", part).num_rows for part in folds[0]]
        [13209, 3303]
    """
    text, count = _check_text(split), check_integer(k, "k", 2)
    return [(Split(text, index, count, complement=True), Split(text, index, count)) for index in range(count)]


def _check_text(split: object) -> str:
    if not isinstance(split, str):
        raise UsageError(f"split: expected a string, got {show_value(split)}", hint=_HINT)
    return split


def _size_of_all(sizes: Mapping[str, Size]) -> Size:
    shards = [each.shards for each in sizes.values()]
    known = None if None in shards else tuple(rows for each in shards for rows in each or ())
    return Size(sum(each.rows for each in sizes.values()), known)


def _cut(rows: Sequence[tuple[str, range]], chosen: range) -> list[tuple[str, range]]:
    """Return the rows at the places `chosen` of several ranges, one after the other."""
    ends = list(accumulate(len(each) for _, each in rows))
    return [
        (name, each[max(0, chosen.start - end + len(each)) : max(0, chosen.stop - end + len(each))])
        for (name, each), end in zip(rows, ends, strict=True)
    ]
