"""What the values of a column are: numbers, categories, dates, free text, names of files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headrace.images import has_image_extension
from headrace.inspection.date_format import DateFormat, find_date_format
from headrace.inspection.numbers import find_formatted, find_words, holds_numbers
from headrace.inspection.sample import Sample, find_missing

__all__ = ["Column", "Kind", "describe_column"]

Kind = Literal[
    "numbers", "booleans", "categories", "dates", "texts", "images", "empty", "constant", "row numbers",
    "unique strings", "unsupported",
]  # fmt: skip

_MOST_EXAMINED = 2000  # strings whose form is examined
_TEXT_WORDS = 3  # strings of at least as many words are texts, unless they repeat
_UNIQUE = 0.9  # share of distinct strings above which a column names its rows
_FEW = 20
_SPAN = 1.5  # distinct integers number the rows if their range is at most as many times the number of rows
_YEARS = (1800, 2100)  # years may be distinct, too
_UNSPACED = re.compile("[\u3040-\ua4cf\U00020000-\U0003ffff]")  # scripts without spaces between words
_ID_NAME = re.compile(r"(?:^|[^a-z])(?:id|key|code|nr|no|number|index|uuid)$|^id(?:$|[^a-z])", re.I)


@dataclass(frozen=True)
class Column:
    """A column of the data.

    Attributes:
        name: Its name.
        type: Its type, as the data is read.
        missing: The number of rows without a value.
        kind: What its values are.
        distinct: The number of distinct values in the sample.
        most_frequent: How often the most frequent value occurs in the sample.
        dates: The format and range of dates.
        is_large: Whether an integer has more digits than float64 holds.
        is_decimal: Whether the numbers are decimals.
        words: The mean number of words of a string.
        foreign: The share of letters of strings that are not ASCII.
        unspaced: The share of Chinese and Japanese characters, which have no spaces between words.
        note: What makes the column unusable, if anything does.
        mixed: What else a column of numbers holds, if anything; it counts as missing.
    """

    name: str
    type: pa.DataType
    missing: int = 0
    kind: Kind = "unsupported"
    distinct: int = 0
    most_frequent: int = 0
    dates: DateFormat | None = None
    is_large: bool = False
    is_decimal: bool = False
    words: float = 0.0
    foreign: float = 0.0
    unspaced: float = 0.0
    note: str = ""
    mixed: str = ""


def describe_column(name: str, sample: Sample) -> Column:
    """Describe a column of a sample."""
    values = sample.table[name].combine_chunks()
    present = values.filter(pc.call_function("invert", [find_missing(values)]))
    found = Column(name, values.type, sample.missing[name], is_decimal=name in sample.decimals)
    if not len(present):
        return replace(found, kind="empty", note="no row has a value")
    if pa.types.is_nested(values.type) or not _is_simple(values.type):
        return replace(found, note=f"of type {values.type}")
    counts = present.value_counts()
    most = int(np.max(counts.field("counts").to_numpy(zero_copy_only=False)))
    found = replace(found, distinct=len(counts), most_frequent=most)
    if len(counts) == 1 and not found.missing:
        return replace(found, kind="constant", note=f"always {_show(present[0])}")
    if not name:
        return replace(found, note="has no name")
    if pa.types.is_boolean(values.type):
        return replace(found, kind="booleans", mixed="missing values" if found.missing else "")
    if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
        return replace(found, kind="dates", dates=DateFormat.of_column(present))
    if pa.types.is_string(values.type):
        return _describe_strings(found, present, has_blanks=len(present) + _count_empty(values) < len(values))
    if pa.types.is_integer(values.type) and (note := _numbers_rows(name, present, len(counts), sample.rows)):
        return replace(found, kind="row numbers", note=note)
    return _describe_numbers(found, present)


def _describe_numbers(found: Column, present: pa.Array) -> Column:
    if pa.types.is_integer(found.type):
        ends = (
            int(np.max(present.to_numpy(zero_copy_only=False))),
            int(np.min(present.to_numpy(zero_copy_only=False))),
        )
        return replace(found, kind="numbers", is_large=max(map(abs, ends)) > 2**53)
    infinite = int(np.count_nonzero(~np.isfinite(present.to_numpy(zero_copy_only=False))))
    if infinite == len(present):
        return replace(found, kind="empty", note="no value is finite")
    if not infinite:
        return replace(found, kind="numbers")
    return replace(found, kind="numbers", mixed="infinities", missing=found.missing + infinite)


def _is_simple(type_: pa.DataType) -> bool:
    tests = (
        pa.types.is_boolean,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_string,
        pa.types.is_timestamp,
        pa.types.is_date,
    )
    return any(test(type_) for test in tests)


def _measure_foreign(strings: Sequence[str]) -> float:
    """Measure the share of letters that are not ASCII."""
    letters = others = 0
    for each in strings:
        count = sum(map(str.isalpha, each))
        letters += count
        if not each.isascii():
            others += sum(letter.isalpha() and not letter.isascii() for letter in each)
    return others / max(1, letters)


def _count_words(text: str) -> int:
    """Count words: runs between white space, and Chinese and Japanese characters."""
    spaced = len(text.split())
    return spaced if text.isascii() else spaced + len(_UNSPACED.findall(text))


def _count_empty(values: pa.Array) -> int:
    """Count the strings that are null or empty, not blank."""
    return values.null_count + int(np.count_nonzero(pc.call_function("equal", [values, ""]).fill_null(False)))


def _describe_strings(found: Column, present: pa.Array, has_blanks: bool) -> Column:
    examined: Sequence[str] = present[:: max(1, len(present) // _MOST_EXAMINED)].to_pylist()
    words = float(np.mean([_count_words(each) for each in examined]))
    unspaced = sum(len(_UNSPACED.findall(each)) for each in examined) / max(1, sum(map(len, examined)))
    found = replace(found, words=words, foreign=_measure_foreign(examined), unspaced=unspaced)
    if (dates := find_date_format(examined)) is not None:
        return replace(found, kind="dates", dates=dates)
    if all(has_image_extension(each) for each in examined):
        return replace(found, kind="images", note="names image files")
    if found_words := find_words(present):
        count = sum(present.to_pylist().count(each) for each in found_words)
        shown = ", ".join(map(repr, found_words))
        return replace(found, kind="numbers", mixed=f"the words {shown}", missing=found.missing + count)
    if has_blanks and holds_numbers(present):
        return replace(found, kind="numbers", mixed="blank cells")
    if not holds_numbers(present) and (formatted := find_formatted(present)):
        note = f"holds numbers in a form that is not read, such as {formatted!r}; write them as 1234.5"
        found = replace(found, note=note)
    is_unique = found.distinct >= _UNIQUE * len(present) and len(present) > _FEW
    if words >= _TEXT_WORDS and found.distinct > max(_FEW, 0.3 * len(present)):
        return replace(found, kind="texts")
    if is_unique:
        note = found.note or f"names the rows: {found.distinct:,} of {len(present):,} strings are distinct"
        return replace(found, kind="unique strings", note=note)
    return replace(found, kind="categories")


def _numbers_rows(name: str, present: pa.Array, distinct: int, rows: int) -> str:
    """Say why distinct integers only number or name the rows; nothing if they do not."""
    numbers = present.to_numpy(zero_copy_only=False)
    if distinct < len(numbers) or distinct <= _FEW:
        return ""
    least, most = int(numbers.min()), int(numbers.max())
    if most - least < _SPAN * rows and not (_YEARS[0] <= least and most <= _YEARS[1]):
        return "numbers the rows"
    return "names the rows: every number is distinct" if _ID_NAME.search(name) else ""


def _show(value: pa.Scalar) -> str:
    text = str(value.as_py())
    return repr(text if len(text) <= 40 else f"{text[:40]}...") if isinstance(value.as_py(), str) else text
