"""The distinct strings of a column, the most frequent first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.analyzer import Accumulator, Analyzer
from headrace.transform.column import Column, apply
from headrace.transform.packing import Packed

__all__ = ["vocabulary"]

_SCHEMA = pa.schema([("value", pa.string()), ("count", pa.int64())])


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
        if self.rows > 2 * self.settled + 100_000:
            self.sum()

    def sum(self) -> pa.Table:
        """One row a distinct value."""
        table = pa.concat_tables(self.parts) if self.parts else _SCHEMA.empty_table()
        table = table.group_by("value").aggregate([("count", "sum")]).rename_columns(["value", "count"])
        self.parts, self.rows, self.settled = [table], table.num_rows, table.num_rows
        return table


@dataclass(frozen=True)
class CountsAccumulator(Accumulator):
    """Counts every distinct string exactly; the empty string means "missing" and is left out."""

    def empty(self) -> Counts:
        return Counts([])

    def update(self, state: Counts, *values: Any) -> Counts:
        strings = values[0].values if isinstance(values[0], Ragged) else values[0]
        present = strings.filter(pc.call_function("not_equal", [strings, ""]))
        counted = pc.call_function("value_counts", [present])
        state.add(pa.Table.from_arrays([counted.field(0), counted.field(1)], schema=_SCHEMA))
        return state

    def merge(self, first: Counts, second: Counts) -> Counts:
        for part in second.parts:
            first.add(part)
        return first

    def pack(self, state: Counts) -> Sequence[Packed]:
        table = state.sum().combine_chunks()
        arrays = [table[name].combine_chunks() for name in ("value", "count")]
        return [arrays[0], arrays[1].to_numpy()]

    def unpack(self, arrays: Sequence[Any]) -> Counts:
        strings, counts = arrays
        if counts.dtype != np.int64 or counts.min(initial=1) < 1:
            raise ValueError("counts below 1")
        state = Counts([])
        state.add(pa.Table.from_arrays([strings, pa.array(counts)], schema=_SCHEMA))
        return state


@dataclass(frozen=True)
class Vocabulary(Analyzer):
    """The distinct strings by falling count, ties by value in byte order.

    Attributes:
        top_k: Keep only so many.
        frequency_threshold: Keep only those that occur at least so often.
        label: The name under which the frozen transform keeps it.
    """

    name = "vocabulary"
    top_k: int | None = None
    frequency_threshold: int = 1
    label: str = ""

    @property
    def accumulator(self) -> Accumulator:
        return CountsAccumulator()

    def infer(self, *types: ColumnType) -> ColumnType:
        if not types[0].is_string:
            raise TraceError(
                f"a vocabulary is of strings, and {types[0]} came in", way_out="use bucketize for numbers"
            )
        return ColumnType("string", ragged=True)

    def result(self, state: Counts) -> pa.Array:
        table = state.sum()
        table = table.filter(pc.call_function("greater_equal", [table["count"], self.frequency_threshold]))
        table = table.sort_by([("count", "descending"), ("value", "ascending")])
        kept = table["value"] if self.top_k is None else table["value"].slice(0, self.top_k)
        return kept.combine_chunks()


def vocabulary(
    x: Column, *, top_k: int | None = None, frequency_threshold: int = 1, vocab_filename: str | None = None
) -> Column:
    """The distinct strings of a column, by falling count, ties by value; missing (empty) strings left out.

    Args:
        x: A column of strings, ragged or not.
        top_k: Keep only the most frequent so many.
        frequency_threshold: Keep only strings that occur at least so often.
        vocab_filename: Its name in `Transform.vocabularies` and in the saved transform; by default the
            column's expression, such as "tokenize(text)".
    """
    name = vocab_filename if vocab_filename is not None else str(x.node)
    return apply(Vocabulary(top_k, frequency_threshold, name), x)
