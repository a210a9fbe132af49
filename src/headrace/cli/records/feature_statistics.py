"""Collects statistics of each column of a stream of batches in one pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headrace._native import WordCounts
from headrace.columns import from_arrow, timestamps_from_arrow
from headrace.transform.analyzers import (
    CountsAccumulator,
    ExtremaAccumulator,
    Max,
    Mean,
    Min,
    MomentsAccumulator,
    Size,
    counts_to_table,
)

__all__ = ["FeatureStatistics", "NumberSummary", "WordSummary", "collect_statistics"]

_MAX_DISTINCT = 100_000  # above this, distinct strings are not counted
_MAX_BYTES = 64 << 20  # the limit of their total size
_FREQUENT = 3  # strings shown


@dataclass(frozen=True)
class NumberSummary:
    """A summary of numbers, NaN excluded. `min`, `mean` and `max` are NaN if `count` is 0.

    Attributes:
        count: The number of values.
        min: The minimum.
        mean: The arithmetic mean.
        max: The maximum.
        zeros: The number of values that are 0 or false.
    """

    count: int
    min: float
    mean: float
    max: float
    zeros: int


@dataclass(frozen=True)
class WordSummary:
    """A summary of strings, empty strings excluded.

    Attributes:
        distinct: The number of distinct strings.
        frequent: The most frequent strings, with their counts.
    """

    distinct: int
    frequent: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class FeatureStatistics:
    """Statistics of one column; those that do not apply to its type are None.

    Attributes:
        name: The column's name.
        type: The column's type.
        rows: The number of rows.
        missing: The number of null rows and NaN values.
        numbers: The values of numbers and booleans.
        lengths: The number of values per row of lists.
        sizes: The number of bytes per value of strings and bytes.
        words: The values of strings; also None for more than 100,000 distinct strings.
    """

    name: str
    type: pa.DataType
    rows: int
    missing: int
    numbers: NumberSummary | None = None
    lengths: NumberSummary | None = None
    sizes: NumberSummary | None = None
    words: WordSummary | None = None


class _NumberCollector:
    """Accumulates count, extrema and mean of numbers."""

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

    def result(self) -> NumberSummary:
        low, high = float(Min().result(self.range)), float(Max().result(self.range))
        count, mean = int(Size().result(self.sums)), float(Mean().result(self.sums))
        return NumberSummary(count, low, mean, high, self.zeros if count else 0)


class _WordCollector:
    """Counts distinct strings until they exceed a limit."""

    def __init__(self) -> None:
        self._accumulator = CountsAccumulator()
        self._counts: WordCounts | None = self._accumulator.empty()

    def update(self, strings: pa.Array) -> None:
        if self._counts is None:
            return
        self._counts = self._accumulator.update(self._counts, strings)
        if len(self._counts) > _MAX_DISTINCT or self._counts.bytes > _MAX_BYTES:
            self._counts = None

    def result(self) -> WordSummary | None:
        if self._counts is None:
            return None
        table = counts_to_table(self._counts).sort_by([("count", "descending"), ("value", "ascending")])
        first = table.slice(0, _FREQUENT).to_pylist()
        return WordSummary(table.num_rows, tuple((row["value"], row["count"]) for row in first))


class _FeatureCollector:
    """Accumulates all statistics of one column."""

    def __init__(self, field: pa.Field) -> None:
        self.field = field
        self.rows = self.missing = 0
        self._numbers, self._lengths, self._sizes = _NumberCollector(), _NumberCollector(), _NumberCollector()
        self._words = _WordCollector()
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

    def result(self) -> FeatureStatistics:
        text = _is_text(self._leaf)
        missing = self.missing + self._numbers.nans
        return FeatureStatistics(
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
    """Convert numbers; dates are microseconds since 1970."""
    if pa.types.is_timestamp(array.type) or pa.types.is_date(array.type):
        return np.asarray(timestamps_from_arrow(array))
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
    """Flatten lists and tensors to their innermost values."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_fixed_size_list(array.type) or _is_list(array.type):
        return _leaves(array.flatten())
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def collect_statistics(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> list[FeatureStatistics]:
    """Collect the statistics of each column, in bounded memory.

    Args:
        schema: The schema of the batches.
        batches: Record batches.
    """
    columns = [_FeatureCollector(field) for field in schema]
    for batch in batches:
        for collector, column in zip(columns, batch.columns, strict=True):
            collector.update(column)
    return [column.result() for column in columns]
