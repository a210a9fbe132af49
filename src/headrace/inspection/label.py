"""What a label is: classes or a number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from headrace.errors import SchemaError
from headrace.inspection.sample import Sample, find_missing

__all__ = ["Label", "LabelKind", "describe_label"]

LabelKind = Literal["classes", "number"]

_MISSING_WORDS = ("NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?")
_MOST_WHOLE_CLASSES = 20  # distinct whole numbers that are classes, if each has a few rows
_ROWS_PER_CLASS = 3
_MOST_CLASSES = 1000
_FEW_CLASSES = 5  # that need not repeat


@dataclass(frozen=True)
class Label:
    """The label column.

    Attributes:
        name: Its name.
        type: Its type, as the data is read.
        kind: What is predicted.
        missing: The number of rows without a label.
        counts: The number of rows of each class; the keys are strings, integers or booleans,
            sorted.
        mean: The mean of numbers.
        deviation: The standard deviation of numbers.
        missing_words: The strings, other than the empty one, that stand for a missing label.
    """

    name: str
    type: pa.DataType
    kind: LabelKind
    missing: int
    counts: dict[Any, int]
    mean: float = 0.0
    deviation: float = 1.0
    missing_words: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """The number of rows with a class."""
        return sum(self.counts.values())

    def number_rows(self, values: pa.ChunkedArray) -> NDArray[Any]:
        """Return the class number of each row, -1 for none; or the number of each row, NaN for none."""
        if self.kind == "number":
            return _to_floats(values)
        keys = _to_keys(values.combine_chunks(), self.missing_words)
        found = pc.call_function(
            "index_in", [keys], pc.SetLookupOptions(pa.array(list(self.counts), keys.type))
        )
        return np.asarray(found.fill_null(-1), np.int64)


def describe_label(name: str, sample: Sample, kind: LabelKind | None = None) -> Label:
    """Describe the label.

    Strings and booleans are classes; so are at most 20 distinct whole numbers, if they repeat.

    Args:
        name: The column.
        sample: A sample of the rows.
        kind: What is to be predicted; None decides by the values.

    Raises:
        SchemaError: The column cannot be a label.
    """
    values = sample.table[name].combine_chunks()
    type_, missing = values.type, sample.missing[name]
    if not (pa.types.is_string(type_) or pa.types.is_boolean(type_) or _is_number(type_)):
        is_list = pa.types.is_list(type_) or pa.types.is_large_list(type_)
        hint = (
            "for several labels per row, write a recipe as in docs/jobs/several-labels.md"
            if is_list
            else "choose a column of strings, booleans or numbers"
        )
        raise SchemaError(f"expected a label of classes or numbers, got {type_}", feature=name, hint=hint)
    words = _find_missing_words(values)
    keys = _to_keys(values, words)
    present = keys.drop_null()
    if not len(present):
        raise SchemaError("no row has a label", feature=name, hint="choose another column as the label")
    missing += int(np.count_nonzero(_is_one_of(values, words)))
    counts = _count(present, sample, words)
    kind = kind or _choose_kind(present, len(counts))
    if kind == "number":
        if not _is_number(type_):
            hint = "predict its classes, or write the numbers without words"
            raise SchemaError(f"expected numbers, got {type_}", feature=name, hint=hint)
        floats = _to_floats(values)
        floats = floats[np.isfinite(floats)]
        if not len(floats):
            raise SchemaError("no label is finite", feature=name, hint="choose another column as the label")
        if floats.min() == floats.max():
            what = f"every row has the label {floats[0]:g}"
            raise SchemaError(what, feature=name, hint="choose another column")
        deviation = float(floats.std()) or 1.0
        return Label(name, type_, kind, missing, {}, float(floats.mean()), deviation)
    if len(counts) < 2:
        raise SchemaError(
            f"every row has the label {next(iter(counts))!r}", feature=name, hint="choose another column"
        )
    if 2 * len(counts) > sum(counts.values()) and len(counts) > _FEW_CLASSES:
        what = (
            f"expected classes that repeat, got {len(counts):,} distinct labels of {sum(counts.values()):,}"
        )
        raise SchemaError(what, feature=name, hint="choose another column as the label")
    if len(counts) > _MOST_CLASSES:
        what = f"expected at most {_MOST_CLASSES:,} classes, got {len(counts):,} distinct labels"
        raise SchemaError(what, feature=name, hint="choose another column, or merge rare classes")
    if pa.types.is_floating(keys.type):
        raise SchemaError(
            "classes are strings or whole numbers, not fractions", feature=name, hint="round them"
        )
    return Label(name, type_, kind, missing, counts, missing_words=words)


def _is_number(type_: pa.DataType) -> bool:
    return pa.types.is_integer(type_) or pa.types.is_floating(type_)


def _find_missing_words(values: pa.Array) -> tuple[str, ...]:
    if not pa.types.is_string(values.type):
        return ()
    found = set(values.unique().to_pylist())
    return tuple(word for word in _MISSING_WORDS if word in found)


def _to_keys(values: pa.Array, missing_words: tuple[str, ...]) -> pa.Array:
    """Return labels with nulls where they are missing, whole numbers as integers."""
    missing = np.asarray(find_missing(values)) | _is_one_of(values, missing_words)
    keys = pc.call_function("if_else", [pa.array(missing), pa.scalar(None, values.type), values])
    if pa.types.is_floating(values.type):
        present = keys.drop_null().to_numpy(zero_copy_only=False)
        if (np.abs(present) < 2**53).all() and (present == np.floor(present)).all():
            return keys.cast(pa.int64())
    return keys


def _is_one_of(values: pa.Array, words: tuple[str, ...]) -> NDArray[np.bool_]:
    if not words:
        return np.zeros(len(values), bool)
    return np.asarray(pc.call_function("is_in", [values], pc.SetLookupOptions(pa.array(words, pa.string()))))


def _to_floats(values: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    return np.asarray(pc.cast(values, pa.float64(), safe=False), np.float64)


def _count(present: pa.Array, sample: Sample, words: tuple[str, ...]) -> dict[Any, int]:
    """Count the rows of each class, over all rows if their values were counted."""
    counts = {each["values"]: each["counts"] for each in present.value_counts().to_pylist()}
    if sample.counts is not None and not sample.is_whole:
        is_whole_number = pa.types.is_integer(present.type)
        for value, count in sample.counts.items():
            if isinstance(value, str) and (not value.strip() or value in words):
                continue
            if not isinstance(value, float) or (
                math.isfinite(value) and (not is_whole_number or value.is_integer())
            ):
                counts[int(value) if is_whole_number else value] = count
    return dict(sorted(counts.items()))


def _choose_kind(present: pa.Array, distinct: int) -> LabelKind:
    if pa.types.is_string(present.type) or pa.types.is_boolean(present.type):
        return "classes"
    is_whole = pa.types.is_integer(present.type)
    few = distinct <= _MOST_WHOLE_CLASSES and distinct * _ROWS_PER_CLASS <= len(present)
    return "classes" if is_whole and few else "number"
