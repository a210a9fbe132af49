"""Rows of record batches, picked, joined and cut without a Python object per row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from headrace.errors import SchemaError, UsageError

__all__ = ["cut", "join", "pick"]


def join(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    """Several batches as one; a single batch comes back as it is.

    Raises:
        SchemaError: The batches do not share one schema.
        UsageError: A column of strings or lists grows past Arrow's 2 GiB limit.
    """
    if len(batches) == 1:
        return batches[0]
    first = batches[0].schema
    for batch in batches:
        if not batch.schema.equals(first):
            raise SchemaError(
                f"batches of one stream differ: {_difference(first, batch.schema)}",
                hint="make every batch have the same columns and types",
            )
    try:
        return pa.concat_batches(batches)
    except pa.ArrowInvalid as error:
        raise UsageError(
            f"{sum(b.num_rows for b in batches):,} rows do not fit into one batch ({error})",
            hint="use a smaller shuffle window or batch",
        ) from error


def pick(batch: pa.RecordBatch, rows: np.ndarray) -> pa.RecordBatch:
    """The rows whose numbers are in `rows` (int64 [n]), in that order."""
    return batch.take(pa.array(rows, pa.int64()))


def cut(batch: pa.RecordBatch, size: int) -> Iterator[pa.RecordBatch]:
    """Zero-copy pieces of at most `size` rows; nothing for a batch without rows."""
    for start in range(0, batch.num_rows, size):
        yield batch.slice(start, size)


def _difference(left: pa.Schema, right: pa.Schema) -> str:
    if left.names != right.names:
        return f"columns {left.names} and {right.names}"
    pairs = [(a, b) for a, b in zip(left, right, strict=True) if not a.equals(b)]
    return ", ".join(f"'{a.name}' is {a.type} and {b.type}" for a, b in pairs) or "nullability"
