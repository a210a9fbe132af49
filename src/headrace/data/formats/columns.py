"""Read some columns of a source, without a pipeline: their names, then their rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

from headrace.data.pipeline import Declarable, Selectable, Source

if TYPE_CHECKING:
    from headrace.data.sources import Types

__all__ = ["list_columns", "select_columns"]


def list_columns(source: Source) -> tuple[str, ...]:
    """List the names of all columns.

    Raises:
        SchemaError: The files are malformed.
    """
    return source.names if isinstance(source, Declarable) else tuple(source.schema.names)


def select_columns(source: Source, columns: Mapping[str, pa.DataType | None], types: Types) -> Source:
    """Return a source of these columns only, all of which exist.

    Args:
        source: The source of all columns.
        columns: The type of each column, for text; None infers it. Files that store types keep theirs.
        types: Types that the user declared, which replace those of `columns`.

    Raises:
        UsageError: A declared type is unknown.
        SchemaError: Values of a column have no common type.
    """
    if isinstance(source, Declarable):
        from headrace.data.sources.files.inference import parse_types

        declared = {field.name: field.type for field in parse_types(types or None) or ()}
        return source.declare({name: declared.get(name, type_) for name, type_ in columns.items()})
    return source.select_columns(tuple(columns)) if isinstance(source, Selectable) else source
