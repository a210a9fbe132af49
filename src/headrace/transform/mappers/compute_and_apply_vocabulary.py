"""Strings to indices in the data set's own vocabulary."""

from __future__ import annotations

from headrace.transform.analyzers import vocabulary
from headrace.transform.graph.composite import composite
from headrace.transform.ops import apply_vocabulary
from headrace.transform.tracing.column import Column

__all__ = ["compute_and_apply_vocabulary"]


@composite
def compute_and_apply_vocabulary(
    x: Column,
    *,
    default_value: int = -1,
    top_k: int | None = None,
    frequency_threshold: int = 1,
    num_oov_buckets: int = 0,
    vocab_filename: str | None = None,
) -> Column:
    """The index of each string in the vocabulary of its column, int64; the most frequent string is 0.

    See `vocabulary` for which strings are in it and `apply_vocabulary` for those that are not.
    """
    words = vocabulary(x, top_k=top_k, frequency_threshold=frequency_threshold, vocab_filename=vocab_filename)
    return apply_vocabulary(x, words, num_oov_buckets=num_oov_buckets, default_value=default_value)
