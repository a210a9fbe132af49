"""Read the input columns of a graph from a record batch, checked against the types it was traced with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from headrace import arrow_compute as pc
from headrace.columns import (
    ColumnType,
    arrow_type,
    cast_column,
    column_type,
    file_contents,
    find_column,
    from_arrow,
    is_encoded,
    timestamps_from_arrow,
)
from headrace.errors import SchemaError
from headrace.suggestions import suggest
from headrace.transform.graph.graph import Input, Node, topological_sort
from headrace.transform.graph.op import Op

__all__ = ["read_inputs"]


def read_inputs(batch: pa.RecordBatch, outputs: Iterable[Node]) -> dict[str, Any]:
    """Read the columns of `batch` that the nodes `outputs` depend on.

    Returns:
        Column name to value, as `headrace.columns.from_arrow` returns it; strings may stay
        dictionary-encoded, without nulls. A column that an op decodes is an Arrow array of bytes.

    Raises:
        SchemaError: A column is missing, or has another type than when the function was traced, which its
            values do not fit; see `headrace.columns.cast_column`.
    """
    nodes = topological_sort(outputs)
    encoded = {node.inputs[0] for node in nodes if isinstance(node.what, Op) and node.what.encoding}
    return {
        node.what.column: _read_column(batch, node.what.column, node.type, node in encoded)
        for node in nodes
        if isinstance(node.what, Input)
    }


def _read_column(batch: pa.RecordBatch, name: str, expected: ColumnType, is_encoded_file: bool) -> Any:
    index = find_column(batch.schema, name)
    if index < 0:
        raise SchemaError(
            "the column is missing from the batch", feature=name, hint=suggest(name, batch.schema.names)
        )
    stored, column = batch.schema.field(index).type, batch.column(index)
    if pa.types.is_null(stored):
        return _convert(pa.nulls(batch.num_rows, arrow_type(expected)), expected, name)
    found = None if _is_only_cast(stored) and not expected.varies else column_type(batch.schema.field(index))
    if found is None or (found != expected and _may_cast(found, expected)):
        return cast_column(column, expected.dtype, expected.shape, is_ragged=expected.ragged, name=name)
    if found != expected and not found.ragged and _is_missing(column):
        return _convert(pa.nulls(batch.num_rows, arrow_type(expected)), expected, name)
    if found != expected:
        raise SchemaError(
            f"expected a column of {expected}, got {found}",
            feature=name,
            hint="cast the column, or analyze again",
        )
    if is_encoded_file:
        return file_contents(column, name)
    return column if is_encoded(column) else _convert(column, expected, name)


def _is_only_cast(type_: pa.DataType) -> bool:
    """Whether columns of a type are read by a cast only: decimals, lists of them, lists without a value."""
    t = pa.types
    if t.is_list(type_) or t.is_large_list(type_) or t.is_fixed_size_list(type_):
        return t.is_null(type_.value_type) or t.is_decimal(type_.value_type)
    return t.is_decimal(type_)


def _is_missing(column: pa.Array) -> bool:
    """Whether every value is missing, such as strings that pandas read as a column of NaN."""
    missing = pc.call_function("is_null", [column], pc.NullOptions(nan_is_null=True))
    return bool(pc.call_function("all", [missing]).as_py())


def _may_cast(found: ColumnType, expected: ColumnType) -> bool:
    """Whether values of a type may be cast: numbers and booleans to each other, ISO strings to dates."""
    if expected.is_timestamp:
        return found.is_string
    return not any(type_.is_string or type_.is_timestamp or type_.varies for type_ in (found, expected))


def _convert(column: pa.Array, type_: ColumnType, name: str) -> Any:
    return timestamps_from_arrow(column, name) if type_.is_timestamp else from_arrow(column, name)
