"""Counts of the distinct strings of a column, exact or in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from headrace._native import WordCounts, argsort_strings
from headrace.columns import Ragged
from headrace.transform.graph.analyzer import Accumulator
from headrace.transform.graph.state_bytes import Packed
from headrace.transform.ops.strings.arrow_buffers import get_buffers, strings_from_ends

__all__ = ["CountsAccumulator", "counts_to_table"]

_SCHEMA = pa.schema([("value", pa.string()), ("count", pa.int64()), ("rows", pa.int64())])
_SLACK = 100_000  # distinct strings beyond twice the capacity that are kept before rare ones are dropped


def counts_to_table(counts: WordCounts) -> pa.Table:
    """Convert counts to a table of columns `value`, `count` and `rows`, in arbitrary order."""
    words, each, rows = _to_arrays(counts)
    return pa.table([words, pa.array(each), pa.array(rows)], schema=_SCHEMA)


def _to_arrays(counts: WordCounts) -> tuple[pa.StringArray, np.ndarray, np.ndarray]:
    """Convert counts to the strings, their counts and their rows, in arbitrary order."""
    ends, data, each, rows = counts.table()
    return strings_from_ends(ends, data), each.astype(np.int64, copy=False), rows.astype(np.int64, copy=False)


@dataclass(frozen=True)
class CountsAccumulator(Accumulator):
    """Counts of every distinct string; empty strings are missing values and are ignored.

    Exact counts take memory for every distinct string. With a `capacity`, the number of strings in memory is
    bounded: beyond the bound, the count of rank `capacity` + 1 is subtracted from all counts, and strings
    without a remaining count are dropped (Misra and Gries 1982). The summary stays mergeable (Agarwal et al.,
    "Mergeable Summaries", 2012). Of n strings, a count is too low by at most n / (capacity + 1), and no
    string that occurs more often than that is lost.

    Attributes:
        in_rows: Also count the rows that contain each string; otherwise that count is 0.
        capacity: The number of strings to keep; None keeps all, with exact counts.
    """

    takes_dictionaries = True
    in_rows: bool = False
    capacity: int | None = None

    def empty(self) -> WordCounts:
        return WordCounts()

    def update(self, state: WordCounts, *values: Any) -> WordCounts:
        (column,) = values
        if isinstance(column, pa.DictionaryArray):
            each = np.bincount(column.indices.to_numpy(), minlength=len(column.dictionary))
            state.add_counted(
                *get_buffers(column.dictionary), each, each if self.in_rows else np.zeros_like(each)
            )
            return self._limit(state)
        strings = column.values if isinstance(column, Ragged) else column
        if self.in_rows:
            splits = column.row_splits if isinstance(column, Ragged) else np.arange(len(strings) + 1)
            state.add_in_rows(*get_buffers(strings), np.ascontiguousarray(splits, np.int64))
        else:
            state.add(*get_buffers(strings))
        return self._limit(state)

    def merge(self, first: WordCounts, second: WordCounts) -> WordCounts:
        if not len(first):
            return second
        first.merge(second)
        return self._limit(first)

    def finish(self, state: WordCounts) -> pa.Table:
        """Convert a state to a table of at most `capacity` strings: columns `value`, `count` and `rows`."""
        table = counts_to_table(state)
        if self.capacity is None or table.num_rows <= self.capacity:
            return table
        counts = table["count"].to_numpy()
        extra = np.partition(counts, -self.capacity - 1)[-self.capacity - 1]
        left = table.set_column(1, "count", pa.array(np.maximum(counts - extra, 0)))
        return left.filter(pa.array(counts > extra))

    def pack(self, state: WordCounts) -> Sequence[Packed]:
        words, counts, rows = _to_arrays(state)
        order = argsort_strings(*get_buffers(words))
        return [words.take(pa.array(order)), counts[order], rows[order]]

    def unpack(self, arrays: Sequence[Any]) -> WordCounts:
        strings, counts, rows = arrays
        if counts.min(initial=1) < 1 or rows.min(initial=0) < 0 or not counts.dtype == rows.dtype == np.int64:
            raise ValueError("expected int64 counts of at least 1")
        state = self.empty()
        state.add_counted(*get_buffers(strings), counts, rows)
        return state

    def _limit(self, state: WordCounts) -> WordCounts:
        """Drop rare strings if the state has grown far beyond the capacity."""
        if self.capacity is None or len(state) <= 2 * self.capacity + _SLACK:
            return state
        strings, counts, rows = (column.combine_chunks() for column in self.finish(state).columns)
        return self.unpack([strings, counts.to_numpy(), rows.to_numpy()])
