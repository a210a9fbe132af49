"""Splits by name and slice: `train`, `test`, `train[:80%]`, `train[1000:2000]`, `train[-10%:]`."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from headrace.errors import UsageError
from headrace.suggestions import suggest

__all__ = ["Split"]

_BOUND = r"(-?\d+)(%?)"
_SPLIT = re.compile(rf"(\w+)(?:\[(?:{_BOUND})?:(?:{_BOUND})?\])?")


@dataclass(frozen=True)
class Bound:
    """One end of a slice, in rows or in percent of the rows; a negative amount counts from the end."""

    amount: int
    percent: bool

    def to_row(self, rows: int) -> int:
        """Convert to a row number within [0, rows]; percentages round to the nearest row."""
        at = (self.amount * rows + 50) // 100 if self.percent else self.amount
        return min(rows, max(0, at + rows if self.amount < 0 else at))


@dataclass(frozen=True)
class Split:
    """A named split of a dataset, or a slice of one; `train[:80%]` and `train[80%:]` are complementary."""

    name: str
    start: Bound = Bound(0, False)
    stop: Bound = Bound(100, True)

    @classmethod
    def parse(cls, text: str, known: Collection[str]) -> Split:
        """Parse the notation of a split.

        Raises:
            UsageError: `text` is malformed, or its name is not among `known`.
        """
        found = _SPLIT.fullmatch(text.replace(" ", ""))
        if found is None:
            raise UsageError(
                f"malformed split '{text}'", hint="write it like 'train[:80%]' or 'test[100:200]'"
            )
        name, start, start_percent, stop, stop_percent = found.groups()
        if name not in known:
            raise UsageError(f"unknown split '{name}'", hint=suggest(name, known))
        return cls(
            name,
            Bound(int(start), bool(start_percent)) if start else cls.start,
            Bound(int(stop), bool(stop_percent)) if stop else cls.stop,
        )

    def rows(self, rows: int) -> range:
        """Return the row numbers of the slice in a split of `rows` rows.

        Raises:
            UsageError: The slice is empty.
        """
        chosen = range(self.start.to_row(rows), self.stop.to_row(rows))
        if not chosen:
            raise UsageError(
                f"the slice of '{self.name}' from row {chosen.start:,} to {chosen.stop:,} is empty",
                hint=f"choose within its {rows:,} rows",
            )
        return chosen
