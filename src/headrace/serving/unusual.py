"""Values that training did not see: outside the ranges and vocabularies of the signature, or missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace.columns import MISSING_DATE, TIMESTAMP, Ragged
from headrace.serving.signature import Input

__all__ = ["Unusual", "find_unusual"]

_SHOWN = 60  # characters of a value


@dataclass(frozen=True)
class Unusual:
    """A value that training did not see.

    Attributes:
        row: The number of the row, from 0.
        column: The column.
        value: The value; None if it is missing.
        expected: What training saw, such as "0 to 99" or "one of 5 words".
    """

    row: int
    column: str
    value: Any
    expected: str

    def __str__(self) -> str:
        shown = "a missing value" if self.value is None else repr(self.value)
        shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
        return f"row {self.row:,}: '{self.column}': expected {self.expected} as in training, got {shown}"


def find_unusual(columns: Sequence[Input], feeds: Mapping[str, np.ndarray]) -> list[Unusual]:
    """Find the values that training did not see, by row and then by column.

    Args:
        columns: The raw columns, with their ranges and vocabularies; what a column lacks is not checked.
        feeds: The tensors that are fed.
    """
    found = list[tuple[int, int, Unusual]]()
    for place, column in enumerate(columns):
        parts = [feeds[tensor] for tensor in column.tensors]
        values = np.asarray(parts[0])
        rows = _find_rows(Ragged(*parts) if len(parts) == 2 else values)
        flat = values.reshape(-1)
        for wrong, expected in _check(column, flat):
            for index in np.flatnonzero(wrong).tolist():
                value, is_missing = _read_value(column, flat[index])
                row = int(rows[index])
                found.append((row, place, Unusual(row, column.name, None if is_missing else value, expected)))
    return [each for _, _, each in sorted(found, key=lambda each: each[:2])]


def _read_value(column: Input, value: Any) -> tuple[Any, bool]:
    """Return a value of a tensor as people write it, and whether it is missing."""
    value = value.item() if hasattr(value, "item") else value
    if column.type == TIMESTAMP:
        return _show_date(value), value == MISSING_DATE
    return value, value != value


def _show_date(microseconds: int | float) -> str:
    return str(np.datetime64(int(microseconds), "us"))


def _find_rows(value: Ragged | np.ndarray) -> np.ndarray:
    """Return the row of each value."""
    if isinstance(value, Ragged):
        return np.repeat(np.arange(len(value.row_splits) - 1), np.diff(value.row_splits))
    width = int(np.prod(value.shape[1:]))
    return np.repeat(np.arange(len(value)), width)


def _check(column: Input, values: np.ndarray) -> list[tuple[np.ndarray, str]]:
    """Return which values are unusual, with what training saw."""
    if values.dtype == object or values.dtype.kind in "US":
        words = column.vocabulary
        if words is None or column.vocabulary_size not in (None, len(words)):
            return []  # only the first words are known
        known = frozenset(words)
        shown = f"one of {len(words):,} words" if len(words) > 5 else " or ".join(map(repr, words))
        return [(np.array([each not in known for each in values.tolist()], bool), shown)]
    checks = list[tuple[np.ndarray, str]]()
    if values.dtype.kind == "f" and not column.optional:
        checks.append((np.isnan(values), "a number"))
    is_date = column.type == TIMESTAMP
    missing = (values == MISSING_DATE) & is_date
    if is_date and not column.optional:
        checks.append((missing, "a date"))
    low, high = column.minimum, column.maximum
    if low is None and high is None:
        return checks
    wrong = np.zeros(values.shape, bool)
    if low is not None:
        wrong |= values < low
    if high is not None:
        wrong |= values > high
    ends = " to ".join(
        "any" if end is None else _show_date(end) if is_date else f"{end:g}" for end in (low, high)
    )
    return [*checks, (wrong & ~missing, ends)]
