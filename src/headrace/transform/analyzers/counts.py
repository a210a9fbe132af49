"""How often each string of a column occurs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headrace._native import _kernels
from headrace.columns import Ragged
from headrace.transform.analyzer import Accumulator
from headrace.transform.packing import Packed

__all__ = ["Counts", "CountsAccumulator"]

_SCHEMA = pa.schema([("value", pa.string()), ("count", pa.int64()), ("rows", pa.int64())])
_LOOSE = 100_000  # entries that wait to be summed up, at least


@dataclass
class Counts:
    """Partial counts, summed up whenever they have doubled; `settled` rows are distinct already."""

    parts: list[pa.Table]
    rows: int = 0
    settled: int = 0

    def add(self, part: pa.Table) -> None:
        """Take in one more part, and sum up if that is due."""
        self.parts.append(part)
        self.rows += part.num_rows
        if self.is_due:
            self.sum()

    @property
    def is_due(self) -> bool:
        """Whether there is so much to sum up that the work is a constant a part."""
        return self.rows > 2 * self.settled + _LOOSE

    def sum(self) -> pa.Table:
        """One row a distinct value."""
        if len(self.parts) != 1 or self.rows != self.settled:
            table = pa.concat_tables(self.parts) if self.parts else _SCHEMA.empty_table()
            table = table.group_by("value").aggregate([("count", "sum"), ("rows", "sum")])
            self.replace(table.rename_columns(["value", "count", "rows"]))
        return self.parts[0]

    def replace(self, table: pa.Table) -> None:
        """Hold one row a distinct value."""
        self.parts, self.rows, self.settled = [table], table.num_rows, table.num_rows


@dataclass(frozen=True)
class CountsAccumulator(Accumulator):
    """Counts every distinct string; the empty string means "missing" and is left out.

    Exact counts take memory for every distinct string. With a `capacity`, at most some multiple of so many is
    held: when there are more, the count of the first that is too many is taken from all, and those left with
    none are dropped (Misra and Gries 1982). That may be done after merging as well, as Agarwal et al. show in
    "Mergeable Summaries" (2012). Of n strings, a count is then too low by at most n / (capacity + 1), and no
    string that occurs more often is lost.

    Attributes:
        in_rows: Whether to count rows that hold a string, too; else 0 is kept for it.
        capacity: How many strings are kept, or None: all, exactly.
    """

    in_rows: bool = False
    capacity: int | None = None

    def empty(self) -> Counts:
        return Counts([])

    def update(self, state: Counts, *values: Any) -> Counts:
        self._add(state, self._counted(values[0]))
        return state

    def merge(self, first: Counts, second: Counts) -> Counts:
        for part in second.parts:
            self._add(first, part)
        return first

    def finish(self, state: Counts) -> pa.Table:
        """Columns `value`, `count` and `rows`, one row a distinct string."""
        table = state.sum()
        if self.capacity is None or table.num_rows <= self.capacity:
            return table
        counts = table["count"].to_numpy()
        extra = np.partition(counts, -self.capacity - 1)[-self.capacity - 1]
        left = table.set_column(1, "count", pa.array(np.maximum(counts - extra, 0)))
        state.replace(left.filter(pa.array(counts > extra)))
        return state.parts[0]

    def pack(self, state: Counts) -> Sequence[Packed]:
        table = self.finish(state).sort_by("value").combine_chunks()
        value, count, rows = (column.combine_chunks() for column in table.columns)
        return [value, count.to_numpy(), rows.to_numpy()]

    def unpack(self, arrays: Sequence[Any]) -> Counts:
        strings, counts, rows = arrays
        if counts.min(initial=1) < 1 or rows.min(initial=0) < 0 or counts.dtype != rows.dtype:
            raise ValueError("counts below 1")
        state = self.empty()
        state.add(pa.Table.from_arrays([strings, pa.array(counts), pa.array(rows)], schema=_SCHEMA))
        return state

    def _add(self, state: Counts, part: pa.Table) -> None:
        state.parts.append(part)
        state.rows += part.num_rows
        if state.is_due:
            self.finish(state)

    def _counted(self, column: Any) -> pa.Table:
        strings = column.values if isinstance(column, Ragged) else column
        if self.in_rows:
            return self._counted_in_rows(column, strings)
        counted = pc.call_function("value_counts", [strings])
        words, counts = counted.field(0), counted.field(1)
        return _present(words, counts, pa.array(np.zeros(len(words), np.int64)))

    def _counted_in_rows(self, column: Any, strings: pa.Array) -> pa.Table:
        encoded = strings.dictionary_encode()
        codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
        splits = column.row_splits if isinstance(column, Ragged) else np.arange(len(strings) + 1)
        counts, rows = _kernels.count_codes(codes, np.asarray(splits, np.int64), len(encoded.dictionary))
        return _present(encoded.dictionary, pa.array(counts), pa.array(rows))


def _present(words: pa.Array, counts: pa.Array, rows: pa.Array) -> pa.Table:
    table = pa.Table.from_arrays([words, counts, rows], schema=_SCHEMA)
    return table.filter(pc.call_function("not_equal", [words, ""]))
