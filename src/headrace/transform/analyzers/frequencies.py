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
    """The scores of a vocabulary's strings, in its order: counts, sums of weights, or mutual information.

    Attributes:
        of: The vocabulary.
        column: "score", or "rows" for the number of rows that contain each string.
    """

    name = "frequencies"
    of: Vocabulary
    column: str = "score"

    @property
    def display(self) -> tuple[str, Analyzer]:
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
    """Compute the scores of a vocabulary's strings, in its order.

    Args:
        words: A vocabulary that `vocabulary` returned.

    Returns:
        Counts, int64; for a vocabulary with weights or labels, sums of weights or information, float64.

    Raises:
        TraceError: `words` is not a vocabulary.
    """
    node = words.node
    if not isinstance(node.what, Vocabulary):
        raise TraceError(
            f"expected a vocabulary, got {node}", hint="pass the result of hr.transform.vocabulary"
        )
    return apply(Frequencies(node.what), *map(Column, node.inputs))


def document_frequencies(
    x: Column,
    *,
    top_k: int | None = None,
    frequency_threshold: int = 1,
    vocab_filename: str | None = None,
) -> tuple[Column, Column]:
    """Compute the vocabulary of a column, and the number of rows that contain each of its strings: int64.

    Both come from one pass and one state. The arguments are those of `vocabulary`.

    Returns:
        The strings, and their numbers of rows in the same order.
    """
    name = vocab_filename if vocab_filename is not None else str(x.node)
    words = Vocabulary(top_k, frequency_threshold, name, scoring=Scoring(in_rows=True))
    return apply(words, x), apply(Frequencies(words, "rows"), x)


def count_per_key(key: Column) -> tuple[Column, Column]:
    """Count the distinct strings of a column: the strings in byte order, and their counts, int64.

    Args:
        key: A column of strings, ragged or not; empty strings are ignored.
    """
    keys = Vocabulary(label=f"keys({key.node})", order="value")
    return apply(keys, key), apply(Frequencies(keys), key)
