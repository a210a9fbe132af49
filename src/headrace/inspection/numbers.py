"""Numbers in columns that also hold other things: words, infinities, booleans."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["find_formatted", "find_words", "holds_numbers", "read_numbers"]

_NUMBER = r"^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$"
_FORMATTED = r"^\s*[+-]?\s*[$€£¥]?\s*[+-]?\d[\d.,'\s\x{a0}]*[%$€£¥]?\s*$"
_MOST_WORDS = 5  # distinct words in a column of numbers
_LEAST_SHARE = 0.5  # of the strings that are numbers
_FEWEST = 5  # distinct numbers


def find_words(present: pa.Array) -> list[str]:
    """List the words in a column of strings that are numbers but for a few words; else none."""
    distinct = present.unique()
    is_number = _find_numbers(distinct)
    words = distinct.filter(pa.array(~is_number)).to_pylist()
    if not 0 < len(words) <= _MOST_WORDS or is_number.sum() < _FEWEST or _has_padded(distinct):
        return []
    is_word = pc.call_function("is_in", [present], pc.SetLookupOptions(pa.array(words, pa.string())))
    few = np.count_nonzero(is_word) <= (1 - _LEAST_SHARE) * len(present)
    return sorted(words) if few else []


def holds_numbers(present: pa.Array) -> bool:
    """Return whether all strings are numbers, several of them, none with leading zeros as codes have."""
    distinct = present.unique()
    return len(distinct) >= _FEWEST and bool(_find_numbers(distinct).all()) and not _has_padded(distinct)


def read_numbers(values: pa.Array) -> pa.Array:
    """Read the numbers of strings, booleans or floats: float64, null for all else and for infinities."""
    if pa.types.is_string(values.type):
        is_number = pc.call_function("match_substring_regex", [values.fill_null("")], _match(_NUMBER))
        numbers = pc.call_function("if_else", [is_number, values, pa.scalar(None, pa.string())])
        numbers = pc.call_function("utf8_trim_whitespace", [numbers]).cast(pa.float64())
    elif pa.types.is_boolean(values.type):
        numbers = values.cast(pa.int8()).cast(pa.float64())
    else:
        numbers = pc.cast(values, pa.float64(), safe=False)
    is_finite = pc.call_function("is_finite", [numbers])
    return pc.call_function("if_else", [is_finite.fill_null(False), numbers, pa.scalar(None, pa.float64())])


def find_formatted(present: pa.Array) -> str:
    """Return one of the strings if all are numbers with signs or commas: $1,234.50, 12%, 0,5; else ""."""
    found = pc.call_function("match_substring_regex", [present], _match(_FORMATTED))
    return str(present[0]) if pc.call_function("all", [found]).as_py() else ""


def _find_numbers(strings: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(pc.call_function("match_substring_regex", [strings], _match(_NUMBER)), np.bool_)


def _has_padded(strings: pa.Array) -> bool:
    """Return whether a string of digits starts with a zero, as zip codes do."""
    return any(len(each) > 1 and each[0] == "0" and each.isdigit() for each in strings.to_pylist())


def _match(pattern: str) -> pc.MatchSubstringOptions:
    return pc.MatchSubstringOptions(pattern)
