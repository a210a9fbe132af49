"""Add columns to a batch."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from headrace.errors import SchemaError

__all__ = ["add_columns"]


def add_columns(batch: pa.RecordBatch, columns: Mapping[str, pa.Array]) -> pa.RecordBatch:
    """Return a batch with columns added at the end.

    Raises:
        SchemaError: A column of one of these names exists.
    """
    for name, column in columns.items():
        if name in batch.schema.names:
            hint = "rename it first, or choose another name"
            raise SchemaError("a column of this name exists", feature=name, hint=hint)
        batch = batch.append_column(name, column)
    return batch
