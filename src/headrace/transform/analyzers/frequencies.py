"""The counts or scores of a vocabulary's strings, in the order of the vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.analyzers.scoring import Scoring
from headrace.transform.analyzers.vocabulary import Vocabulary
from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.tracing.column import Column, apply

__all__ = ["Frequencies", "count_per_key", "document_frequencies", "vocabulary_frequencies"]


@dataclass(frozen=True)
class Frequencies(Analyzer):
    """What a vocabulary's strings were chosen by, in its order: counts, sums of weights, or information.

    Attributes:
        of: The vocabulary.
        column: "score", or "rows": how many rows hold each string.
    """

    name = "frequencies"
    of: Vocabulary
    column: str = "score"

    @property
    def shown(self) -> tuple[str, Analyzer]:
        return "document_frequencies" if self.column == "rows" else "frequencies", self.of

    @property
    def accumulator(self) -> Accumulator:
        return self.of.accumulator

    def infer(self, *types: ColumnType) -> ColumnType:
        self.of.infer(*types)
        return ColumnType("int64" if self.column == "rows" else self.of.scoring.dtype, ragged=True)

    def result(self, state: Any) -> np.ndarray:
        return self.of.select(state)[self.column].to_numpy()


def vocabulary_frequencies(words: Column) -> Column:
    """What a vocabulary's strings were chosen by, in its order; without weights and labels, their counts.

    Raises:
        TraceError: `words` is not what `vocabulary` gave.
    """
    node = words.node
    if not isinstance(node.what, Vocabulary):
        raise TraceError(f"{node} is no vocabulary", hint="pass what hr.transform.vocabulary gave")
    return apply(Frequencies(node.what), *map(Column, node.inputs))


def document_frequencies(
    x: Column,
    *,
    top_k: int | None = None,
    frequency_threshold: int = 1,
    vocab_filename: str | None = None,
) -> tuple[Column, Column]:
    """The vocabulary of a column, and how many rows hold each of its strings, int64, in the same order.

    Arguments as for `vocabulary`. Both cost one pass and one state.
    """
    name = vocab_filename if vocab_filename is not None else str(x.node)
    words = Vocabulary(top_k, frequency_threshold, name, scoring=Scoring(in_rows=True))
    return apply(words, x), apply(Frequencies(words, "rows"), x)


def count_per_key(key: Column) -> tuple[Column, Column]:
    """The distinct strings of a column in byte order, and how often each occurs, int64."""
    keys = Vocabulary(label=f"keys({key.node})", order="value")
    return apply(keys, key), apply(Frequencies(keys), key)
