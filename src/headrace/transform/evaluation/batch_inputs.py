"""From a record batch to the columns a graph takes, checked against what it was traced with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from headrace.columns import ColumnType, column_type, from_arrow, is_encoded
from headrace.errors import SchemaError
from headrace.suggestions import suggest
from headrace.transform.graph.graph import Input, Node, topological_sort

__all__ = ["read_inputs"]


def read_inputs(batch: pa.RecordBatch, outputs: Iterable[Node]) -> dict[str, Any]:
    """The columns of `batch` that the nodes `outputs` need; strings in a dictionary may stay so.

    Raises:
        SchemaError: A column is missing or has another type than when the function was traced.
    """
    return {
        node.what.column: _column(batch, node.what.column, node.type)
        for node in topological_sort(outputs)
        if isinstance(node.what, Input)
    }


def _column(batch: pa.RecordBatch, name: str, expected: ColumnType) -> Any:
    index = batch.schema.get_field_index(name)
    if index < 0:
        hint = suggest(name, batch.schema.names)
        raise SchemaError("the column is missing from the batch", feature=name, hint=hint)
    found = column_type(batch.schema.field(index))
    if found != expected:
        raise SchemaError(
            f"the column is {found}, the transform was made for {expected}",
            feature=name,
            hint="cast the column, or analyze again",
        )
    column = batch.column(index)
    return column if is_encoded(column) else from_arrow(column, name)
