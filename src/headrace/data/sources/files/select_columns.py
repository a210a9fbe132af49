"""Select columns of a schema by name."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from headrace.arguments import check_names
from headrace.errors import SchemaError
from headrace.suggestions import suggest

__all__ = ["as_tuple", "select_columns"]


def as_tuple(columns: Sequence[str] | None) -> tuple[str, ...] | None:
    """Convert a name, or the names of columns, to a tuple; None remains None.

    Raises:
        UsageError: The list is empty, a name is repeated, or one is not a string.
    """
    if columns is None:
        return None
    return check_names(columns, "columns")


def select_columns(schema: pa.Schema, columns: Sequence[str] | None, path: str) -> pa.Schema:
    """Return the fields of the named columns, in that order; the schema itself for None.

    Raises:
        SchemaError: A column is not in the schema; `path` is named, and a similar column is suggested.
    """
    if columns is None:
        return schema
    fields = dict(zip(schema.names, schema, strict=True))
    for name in columns:
        if name not in fields:
            hint = suggest(name, schema.names)
            raise SchemaError("the file lacks this column", path=path, feature=name, hint=hint)
    return pa.schema([fields[name] for name in columns], schema.metadata)
