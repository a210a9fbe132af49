"""The type of a column of text, judged by all of its values.

    values                                          type
    every value an integer, none missing            int64
    every value a number, some may be missing       float64 (an integer column cannot say "missing")
    true and false in any case, none missing        bool
    anything else                                   string

"Missing" is an empty field or one of Arrow's words for it: NA, N/A, NaN, null and the like. Dates
stay strings.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["ColumnSurvey"]

_TRUTH = {"true", "false"}


class ColumnSurvey:
    """What one column's values have been so far.

    Attributes:
        name: The column's name.
        rows: How many values were seen, missing ones among them.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows = 0
        self._missing = 0
        self._possible = [_is_truth, _is_integer, _is_number]

    def update(self, values: pa.StringArray) -> None:
        """Take a block of values into account; missing ones are null."""
        self.rows += len(values)
        self._missing += values.null_count
        present = values.drop_null()
        if len(present):
            self._possible = [fits for fits in self._possible if fits(present)]

    def field(self) -> pa.Field:
        """The column with the narrowest type that every value seen fits."""
        return pa.field(self.name, self._type())

    def _type(self) -> pa.DataType:
        if self.rows == self._missing or _is_number not in self._possible:
            truth = _is_truth in self._possible and not self._missing and self.rows
            return pa.bool_() if truth else pa.string()
        return pa.int64() if _is_integer in self._possible and not self._missing else pa.float64()


def _is_truth(values: pa.StringArray) -> bool:
    spellings = values.unique()
    return len(spellings) <= 8 and {word.lower() for word in spellings.to_pylist()} <= _TRUTH


def _is_integer(values: pa.StringArray) -> bool:
    return _casts(values, pa.int64())


def _is_number(values: pa.StringArray) -> bool:
    return _casts(values, pa.float64())


def _casts(values: pa.StringArray, type_: pa.DataType) -> bool:
    try:
        values.cast(type_)
    except pa.ArrowInvalid:
        trimmed = pc.call_function("ascii_trim_whitespace", [values])
        return not trimmed.equals(values) and _casts(trimmed, type_)
    return True
