"""Buckets of equal size, by quantiles."""

from __future__ import annotations

from headrace.transform.analyzers import quantiles
from headrace.transform.graph.composite import composite
from headrace.transform.ops import apply_buckets
from headrace.transform.tracing.column import Column

__all__ = ["bucketize"]


@composite
def bucketize(x: Column, num_buckets: int) -> Column:
    """Assign each number to one of `num_buckets` buckets of equal size: int64 in [0, num_buckets).

    The boundaries are `quantiles` of the data set, and `apply_buckets` assigns the numbers.

    Args:
        x: A column of numbers.
        num_buckets: The number of buckets, at least 2.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> batch = pa.record_batch({"x": [7.0, 1.0, 3.0, 5.0]})
        >>> halves = hr.transform.analyze(lambda x: {"half": hr.transform.bucketize(x["x"], 2)}, [batch])
        >>> halves(batch)["half"].to_pylist()
        [1, 0, 1, 1]
    """
    return apply_buckets(x, quantiles(x, num_buckets))
