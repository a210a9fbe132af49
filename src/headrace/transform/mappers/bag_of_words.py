"""Bags of words: the distinct n-grams of each row."""

from __future__ import annotations

from headrace.transform.graph.composite import composite
from headrace.transform.ops import deduplicate_per_row, ngrams
from headrace.transform.tracing.column import Column

__all__ = ["bag_of_words"]


@composite
def bag_of_words(tokens: Column, ngram_range: tuple[int, int], separator: str = " ") -> Column:
    """Compute the distinct n-grams of each row, in the order of first occurrence.

    The arguments are those of `ngrams`.
    """
    return deduplicate_per_row(ngrams(tokens, ngram_range, separator))
