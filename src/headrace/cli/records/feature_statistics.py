"""Statistics of every column of a stream of batches, in one pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headrace._native import WordCounts
from headrace.columns import from_arrow
from headrace.transform.analyzers import (
    CountsAccumulator,
    ExtremaAccumulator,
    Max,
    Mean,
    Min,
    MomentsAccumulator,
    Size,
    counts_table,
)

__all__ = ["Numbers", "Statistics", "Words", "gather"]

_MOST_DISTINCT = 100_000  # distinct strings counted before their counting is given up,
_MOST_BYTES = 64 << 20  # and the memory they may take
_FREQUENT = 3  # strings shown


@dataclass(frozen=True)
class Numbers:
    """What numbers are like, NaN left out; NaN where there is no number.

    Attributes:
        count: How many there are.
        min: The smallest.
        mean: Their arithmetic mean.
        max: The largest.
        zeros: How many are 0, or false.
    """

    count: int
    min: float
    mean: float
    max: float
    zeros: int


@dataclass(frozen=True)
class Words:
    """How often strings occur; empty ones are left out.

    Attributes:
        distinct: How many differ.
        frequent: The most frequent, with their counts.
    """

    distinct: int
    frequent: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Statistics:
    """What one column holds.

    Attributes:
        name: The column.
        type: Its type.
        rows: How many rows there are.
        missing: Rows without a value, and values that are NaN.
        numbers: Of a column of numbers or booleans.
        lengths: Values a row, of a column of lists.
        sizes: Bytes a value, of strings and bytes.
        words: Of strings; None also where there are more than 100,000 different ones.
    """

    name: str
    type: pa.DataType
    rows: int
    missing: int
    numbers: Numbers | None = None
    lengths: Numbers | None = None
    sizes: Numbers | None = None
    words: Words | None = None


class _NumberGatherer:
    """Counts, extrema and mean of values that come a batch at a time."""

    def __init__(self) -> None:
        self._extrema = ExtremaAccumulator()
        self._moments = MomentsAccumulator()
        self.range = self._extrema.empty()
        self.sums = self._moments.empty()
        self.zeros = self.nans = 0

    def update(self, values: Any) -> None:
        self.range = self._extrema.update(self.range, values)
        self.sums = self._moments.update(self.sums, values)
        self.zeros += len(values) - int(np.count_nonzero(values))
        if values.dtype.kind == "f":
            self.nans += int(np.isnan(values).sum())

    def result(self) -> Numbers:
        low, high = float(Min().result(self.range)), float(Max().result(self.range))
        count, mean = int(Size().result(self.sums)), float(Mean().result(self.sums))
        return Numbers(count, low, mean, high, self.zeros if count else 0)


class _WordGatherer:
    """Counts of distinct strings, as long as they are not too many."""

    def __init__(self) -> None:
        self._accumulator = CountsAccumulator()
        self._counts: WordCounts | None = self._accumulator.empty()

    def update(self, strings: pa.Array) -> None:
        if self._counts is None:
            return
        self._counts = self._accumulator.update(self._counts, strings)
        if len(self._counts) > _MOST_DISTINCT or self._counts.bytes > _MOST_BYTES:
            self._counts = None

    def result(self) -> Words | None:
        if self._counts is None:
            return None
        table = counts_table(self._counts).sort_by([("count", "descending"), ("value", "ascending")])
        first = table.slice(0, _FREQUENT).to_pylist()
        return Words(table.num_rows, tuple((row["value"], row["count"]) for row in first))


class _Gatherer:
    """All statistics of one column."""

    def __init__(self, field: pa.Field) -> None:
        self.field = field
        self.rows = self.missing = 0
        self._numbers, self._lengths, self._sizes = _NumberGatherer(), _NumberGatherer(), _NumberGatherer()
        self._words = _WordGatherer()
        self._is_list = _is_list(field.type)
        self._leaf = _leaf_type(field.type)

    def update(self, column: pa.Array) -> None:
        self.rows += len(column)
        self.missing += column.null_count
        values = column.drop_null()
        if self._is_list:
            self._lengths.update(_numpy(pc.call_function("list_value_length", [values])))
        self._update_leaves(_leaves(values))

    def _update_leaves(self, values: pa.Array) -> None:
        values = values.drop_null()
        if not _is_text(self._leaf):
            self._numbers.update(_numpy(values))
            return
        self._sizes.update(_numpy(pc.call_function("binary_length", [values])))
        if _is_string(self._leaf):
            self._words.update(values.cast(pa.string()))

    def result(self) -> Statistics:
        text = _is_text(self._leaf)
        missing = self.missing + self._numbers.nans
        return Statistics(
            self.field.name,
            self.field.type,
            self.rows,
            missing,
            numbers=None if text else self._numbers.result(),
            lengths=self._lengths.result() if self._is_list else None,
            sizes=self._sizes.result() if text else None,
            words=self._words.result() if _is_string(self._leaf) else None,
        )


def _numpy(array: pa.Array) -> np.ndarray:
    return np.asarray(from_arrow(array))


def _is_list(type_: pa.DataType) -> bool:
    return pa.types.is_list(type_) or pa.types.is_large_list(type_)


def _is_string(type_: pa.DataType) -> bool:
    return pa.types.is_string(type_) or pa.types.is_large_string(type_)


def _is_text(type_: pa.DataType) -> bool:
    return _is_string(type_) or pa.types.is_binary(type_) or pa.types.is_large_binary(type_)


def _leaf_type(type_: pa.DataType) -> pa.DataType:
    nested = (
        isinstance(type_, pa.FixedShapeTensorType) or pa.types.is_fixed_size_list(type_) or _is_list(type_)
    )
    return _leaf_type(type_.value_type) if nested else type_


def _leaves(array: pa.Array) -> pa.Array:
    """The innermost values."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_fixed_size_list(array.type) or _is_list(array.type):
        return _leaves(array.flatten())
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def gather(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> list[Statistics]:
    """One for each column; memory does not grow with the number of rows."""
    columns = [_Gatherer(field) for field in schema]
    for batch in batches:
        for gatherer, column in zip(columns, batch.columns, strict=True):
            gatherer.update(column)
    return [column.result() for column in columns]
