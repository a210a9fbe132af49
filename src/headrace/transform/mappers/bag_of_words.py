"""The words of a text, each once."""

from __future__ import annotations

from headrace.transform.graph.composite import composite
from headrace.transform.ops import deduplicate_per_row, ngrams
from headrace.transform.tracing.column import Column

__all__ = ["bag_of_words"]


@composite
def bag_of_words(tokens: Column, ngram_range: tuple[int, int], separator: str = " ") -> Column:
    """The distinct n-grams of each row, in the order of first occurrence; arguments as for `ngrams`."""
    return deduplicate_per_row(ngrams(tokens, ngram_range, separator))
