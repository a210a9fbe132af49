"""TF-IDF: term frequency times inverse document frequency."""

from __future__ import annotations

from headrace.arguments import check_integer
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
    """Compute the TF-IDF weight of each row's distinct ids.

    The term frequency is the count of the id / the length of the row. The inverse document frequency of an id
    in d of n rows is log((n + 1) / (d + 1)) if `smooth`, else log(n / d), plus 1 if `add_baseline`. An id
    that the analysed data did not contain has d = 0 if `smooth`, else d = 1.

    Args:
        x: A ragged column of integers, such as the result of `compute_and_apply_vocabulary`.
        vocab_size: The number of ids. Ids out of range, such as those of unknown strings, have weight 0.
        smooth: Add 1 to both numbers of rows.
        add_baseline: Add 1 to the inverse document frequency.

    Returns:
        Two ragged columns with rows of equal length: int64 ids by first occurrence, and float32 weights.
    """
    check_integer(vocab_size, "vocab_size", 1)
    ids = deduplicate_per_row(cast_to(x, "int64"))
    names, found = document_frequencies(as_string(cast_to(x, "int64")), vocab_filename=f"documents({x.node})")
    rows = cast_to(size(row_length(x)), "float64")
    held = lookup(apply_vocabulary(as_string(ids), names), cast_to(found, "float64"), 0.0 if smooth else 1.0)
    inverse = log((rows + 1) / (held + 1) if smooth else rows / held)
    weight = term_frequency(cast_to(x, "int64")) * cast_to(
        inverse + 1 if add_baseline else inverse, "float32"
    )
    return ids, where((ids >= 0) & (ids < vocab_size), weight, 0.0)
