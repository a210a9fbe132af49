"""The distinct whole numbers of a column, the most frequent first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import pyarrow as pa

from headrace._native import WordCounts
from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.analyzers.counts import CountsAccumulator
from headrace.transform.analyzers.vocabulary import Vocabulary
from headrace.transform.graph.analyzer import Accumulator

__all__ = ["IntegerVocabulary"]


@dataclass(frozen=True)
class DecimalsAccumulator(CountsAccumulator):
    """Counts every distinct whole number, written in decimal."""

    def update(self, state: WordCounts, *values: Any) -> WordCounts:
        return super().update(state, _decimals(values[0]))

    def unpack(self, arrays: Sequence[Any]) -> WordCounts:
        arrays[0].cast(pa.int64())  # anything but a number is refused
        return super().unpack(arrays)


def _decimals(column: Any) -> Any:
    """Whole numbers as strings: lists, where a row has several."""
    if isinstance(column, Ragged):
        return Ragged(_decimals(column.values), column.row_splits)
    if column.ndim > 1:
        splits = np.arange(len(column) + 1, dtype=np.int64) * prod(column.shape[1:])
        return Ragged(_decimals(column.reshape(-1)), splits)
    return pa.array(column).cast(pa.string())


@dataclass(frozen=True)
class IntegerVocabulary(Vocabulary):
    """The distinct whole numbers by falling count, ties by rising number. See `Vocabulary`.

    Reserved and excluded tokens are given in decimal, as strings.
    """

    name = "integer_vocabulary"

    @property
    def accumulator(self) -> Accumulator:
        return DecimalsAccumulator(self.scoring.in_rows)

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_integer or x.dtype == "uint64":
            raise TraceError(f"{self.name} is of whole numbers, and {x} came in", hint="cast to int64")
        return ColumnType("int64", ragged=True)

    def result(self, state: Any) -> Any:
        return self.select(state)["value"].to_numpy()

    def table(self, state: Any) -> pa.Table:
        table = super().table(state)
        return table.set_column(0, "value", table["value"].cast(pa.int64()))
