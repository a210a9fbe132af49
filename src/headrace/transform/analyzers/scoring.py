"""The score by which a vocabulary ranks its strings: a count, a sum of weights, or mutual information."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headrace.columns import Ragged
from headrace.transform.analyzers.counts import CountsAccumulator
from headrace.transform.analyzers.moments import MomentsAccumulator, Sum
from headrace.transform.analyzers.mutual_information import LabelledAccumulator, MutualInformation
from headrace.transform.analyzers.per_key import KeyedAccumulator
from headrace.transform.graph.analyzer import Accumulator
from headrace.transform.graph.serializable import Serializable

__all__ = ["Scoring"]

_TABLE = ["value", "score", "rows"]


@dataclass(frozen=True)
class WeightsAccumulator(KeyedAccumulator):
    """The sum of weights of each string; its columns are the strings and the weights."""

    of: Accumulator = field(default=MomentsAccumulator(), repr=False)

    @property
    def display_name(self) -> str:
        return "weights"

    def update(self, state: Any, *values: Any) -> Any:
        strings, weights = values
        return super().update(state, _mask_nonpositive(weights), strings)


def _mask_nonpositive(weights: Any) -> Any:
    """Replace weights that are not positive and finite by NaN, which sums ignore."""
    if isinstance(weights, Ragged):
        return Ragged(_mask_nonpositive(weights.values), weights.row_splits)
    weights = np.asarray(weights, np.float64)
    return np.where((weights > 0) & np.isfinite(weights), weights, np.nan)


@dataclass(frozen=True)
class Scoring(Serializable):
    """The score of a vocabulary's strings; by default, their counts.

    Attributes:
        weighted: Score by the sum of a column of weights.
        information: Score by mutual information with a column of labels.
        in_rows: Also count the rows that contain each string.
        capacity: Count approximately, in bounded memory; see `CountsAccumulator`.
    """

    weighted: bool = False
    information: MutualInformation | None = None
    in_rows: bool = False
    capacity: int | None = None

    @property
    def accumulator(self) -> Accumulator:
        """The accumulator of the states that scores are computed from."""
        if self.information is not None:
            return LabelledAccumulator(self.weighted)
        return WeightsAccumulator() if self.weighted else CountsAccumulator(self.in_rows, self.capacity)

    @property
    def dtype(self) -> str:
        """The dtype of a score."""
        return "float64" if self.weighted or self.information else "int64"

    def score_table(self, state: Any) -> pa.Table:
        """Compute the scores of a state: columns `value`, `score` and `rows`, one row per string."""
        accumulator = self.accumulator
        if isinstance(accumulator, CountsAccumulator):
            return accumulator.finish(state).rename_columns(_TABLE)
        if isinstance(accumulator, LabelledAccumulator):
            assert self.information is not None
            scores = self.information.scores
            blocks = [_table(words, scores(*table)) for words, *table in accumulator.blocks(state)]
            return pa.concat_tables([_table(pa.array([], pa.string()), np.empty(0)), *blocks])
        assert isinstance(accumulator, WeightsAccumulator)
        keys, stack = accumulator.sort(state)
        table = _table(keys, Sum().results(stack))
        return table.filter(pc.call_function("greater", [table["score"], 0.0]))


def _table(words: pa.Array, scores: np.ndarray) -> pa.Table:
    return pa.table([words, pa.array(scores), pa.array(np.zeros(len(words), np.int64))], _TABLE)
