"""Words weighted by how often they occur here, and how seldom elsewhere."""

from __future__ import annotations

from headrace.transform.analyzers import document_frequencies, size
from headrace.transform.graph.composite import composite
from headrace.transform.ops import (
    apply_vocabulary,
    as_string,
    deduplicate_per_row,
    log,
    lookup,
    row_length,
    term_frequency,
    where,
)
from headrace.transform.tracing.column import Column, cast_to

__all__ = ["tfidf"]


@composite
def tfidf(
    x: Column, vocab_size: int, smooth: bool = True, add_baseline: bool = True
) -> tuple[Column, Column]:
    """Each row's distinct ids, and their weights: term frequency times inverse document frequency.

    The term frequency is the id's count over the row's length; the inverse document frequency, of n rows of
    which d have the id, log((n + 1) / (d + 1)) if `smooth`, else log(n / d); and 1 more if `add_baseline`. An
    id that the data set did not have counts as in 0 rows if `smooth`, else as in one.

    Args:
        x: A ragged column of integers, such as `compute_and_apply_vocabulary` gives.
        vocab_size: Ids are below it; others, such as those of unknown strings, have the weight 0.
        smooth: See above.
        add_baseline: See above.

    Returns:
        Two ragged columns of equal rows: int64 ids by first occurrence, and float32 weights.
    """
    ids = deduplicate_per_row(cast_to(x, "int64"))
    names, found = document_frequencies(as_string(cast_to(x, "int64")), vocab_filename=f"documents({x.node})")
    rows = cast_to(size(row_length(x)), "float64")
    held = lookup(apply_vocabulary(as_string(ids), names), cast_to(found, "float64"), 0.0 if smooth else 1.0)
    inverse = log((rows + 1) / (held + 1) if smooth else rows / held)
    weight = term_frequency(cast_to(x, "int64")) * cast_to(
        inverse + 1 if add_baseline else inverse, "float32"
    )
    return ids, where((ids >= 0) & (ids < vocab_size), weight, 0.0)
