"""Take, concatenate and split rows of record batches without a Python object per row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from headrace.errors import SchemaError, UsageError

__all__ = ["concatenate", "split_rows", "take_rows"]


def concatenate(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    """Concatenate batches; a single batch is returned unchanged.

    Raises:
        SchemaError: The batches differ in their schemas.
        UsageError: A column of strings or lists exceeds Arrow's limit of 2 GiB.
    """
    if len(batches) == 1:
        return batches[0]
    first = batches[0].schema
    for batch in batches:
        if not batch.schema.equals(first):
            raise SchemaError(
                f"the batches of a stream differ: {_difference(first, batch.schema)}",
                hint="make all batches have the same columns and types",
            )
    try:
        return pa.concat_batches(batches)
    except pa.ArrowInvalid as error:
        raise UsageError(
            f"{sum(b.num_rows for b in batches):,} rows do not fit into one batch ({error})",
            hint="use a smaller shuffle window or batch",
        ) from error


def take_rows(batch: pa.RecordBatch, rows: np.ndarray) -> pa.RecordBatch:
    """Take the rows numbered `rows` (int64 [n]), in that order."""
    return batch.take(pa.array(rows, pa.int64()))


def split_rows(batch: pa.RecordBatch, size: int) -> Iterator[pa.RecordBatch]:
    """Yield zero-copy slices of at most `size` rows; none for a batch without rows."""
    for start in range(0, batch.num_rows, size):
        yield batch.slice(start, size)


def _difference(left: pa.Schema, right: pa.Schema) -> str:
    if left.names != right.names:
        return f"columns {left.names} and {right.names}"
    pairs = [(a, b) for a, b in zip(left, right, strict=True) if not a.equals(b)]
    return ", ".join(f"'{a.name}' is {a.type} and {b.type}" for a, b in pairs) or "nullability"
