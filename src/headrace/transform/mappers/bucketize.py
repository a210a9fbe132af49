"""Numbers to buckets that hold equally many."""

from __future__ import annotations

from headrace.transform.analyzers import quantiles
from headrace.transform.graph.composite import composite
from headrace.transform.ops import apply_buckets
from headrace.transform.tracing.column import Column

__all__ = ["bucketize"]


@composite
def bucketize(x: Column, num_buckets: int) -> Column:
    """The bucket of each number, int64 in [0, num_buckets), with boundaries that fill the buckets equally.

    See `quantiles` for how exact the boundaries are and `apply_buckets` for which bucket a boundary is in.
    """
    return apply_buckets(x, quantiles(x, num_buckets))
