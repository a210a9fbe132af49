"""Conversion of strings to indices in the vocabulary of their column."""

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
    """Convert each string to its index in the vocabulary of the column: int64, 0 for the most frequent.

    Args:
        x: A column of strings, ragged or not.
        default_value: See `apply_vocabulary`.
        top_k: See `vocabulary`.
        frequency_threshold: See `vocabulary`.
        num_oov_buckets: See `apply_vocabulary`.
        vocab_filename: See `vocabulary`.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> batch = pa.record_batch({"city": ["Oslo", "Rome", "Oslo"]})
        >>> transform = hr.transform.analyze(
        ...     lambda x: {"city": hr.transform.compute_and_apply_vocabulary(x["city"])}, [batch]
        ... )
        >>> transform(batch)["city"].to_pylist()
        [0, 1, 0]
    """
    words = vocabulary(x, top_k=top_k, frequency_threshold=frequency_threshold, vocab_filename=vocab_filename)
    return apply_vocabulary(x, words, num_oov_buckets=num_oov_buckets, default_value=default_value)
