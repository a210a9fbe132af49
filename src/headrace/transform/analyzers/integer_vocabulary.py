"""Vocabularies of integers: the distinct numbers of a column, by decreasing count."""

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
    """Counts of every distinct integer, in decimal notation."""

    def update(self, state: WordCounts, *values: Any) -> WordCounts:
        return super().update(state, _decimals(values[0]))

    def unpack(self, arrays: Sequence[Any]) -> WordCounts:
        arrays[0].cast(pa.int64())  # raises an error for anything but integers
        return super().unpack(arrays)


def _decimals(column: Any) -> Any:
    """Convert integers to strings; rows of several become lists."""
    if isinstance(column, Ragged):
        return Ragged(_decimals(column.values), column.row_splits)
    if column.ndim > 1:
        splits = np.arange(len(column) + 1, dtype=np.int64) * prod(column.shape[1:])
        return Ragged(_decimals(column.reshape(-1)), splits)
    return pa.array(column).cast(pa.string())


@dataclass(frozen=True)
class IntegerVocabulary(Vocabulary):
    """The distinct integers by decreasing count, ties by increasing number. See `Vocabulary`.

    Reserved and excluded tokens are strings in decimal notation.
    """

    name = "integer_vocabulary"

    @property
    def accumulator(self) -> Accumulator:
        return DecimalsAccumulator(self.scoring.in_rows)

    def infer(self, *types: ColumnType) -> ColumnType:
        self.check_parameters()
        (x,) = types
        if not x.is_integer or x.dtype == "uint64":
            raise TraceError(f"{self.name} expects integers, got {x}", hint="cast the column to int64")
        return ColumnType("int64", ragged=True)

    def result(self, state: Any) -> Any:
        return self.select(state)["value"].to_numpy()

    def candidates(self, state: Any) -> pa.Table:
        """See `Vocabulary.candidates`; values are int64."""
        table = super().candidates(state)
        return table.set_column(0, "value", table["value"].cast(pa.int64()))
