"""Infer the type of a CSV column from all of its values.

    values                                          type
    every value an integer, none missing            int64
    every value a number, some may be missing       float64 (an integer column has no missing values)
    true and false in any case, none missing        bool
    anything else                                   string

A missing value is an empty field or one of the words that Arrow reads as null: NA, N/A, NaN, null and the
like. Dates are read as strings.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["ColumnSurvey"]

_BOOLEANS = {"true", "false"}


class ColumnSurvey:
    """The types that fit all values of a column seen so far.

    Attributes:
        name: The name of the column.
        rows: The number of values seen, including missing ones.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows = 0
        self._missing = 0
        self._possible = [_is_boolean, _is_integer, _is_number]

    def update(self, values: pa.StringArray) -> None:
        """Add a block of values; missing ones are null."""
        self.rows += len(values)
        self._missing += values.null_count
        present = values.drop_null()
        if len(present):
            self._possible = [test for test in self._possible if test(present)]

    def to_field(self) -> pa.Field:
        """Return the column as a field of the narrowest type that fits every value seen."""
        return pa.field(self.name, self._type())

    def _type(self) -> pa.DataType:
        if self.rows == self._missing or _is_number not in self._possible:
            is_boolean = _is_boolean in self._possible and not self._missing and self.rows
            return pa.bool_() if is_boolean else pa.string()
        return pa.int64() if _is_integer in self._possible and not self._missing else pa.float64()


def _is_boolean(values: pa.StringArray) -> bool:
    spellings = values.unique()
    return len(spellings) <= 8 and {word.lower() for word in spellings.to_pylist()} <= _BOOLEANS


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
