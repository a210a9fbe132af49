"""Find columns by name."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from headrace.columns import find_column
from headrace.errors import SchemaError
from headrace.suggestions import suggest

__all__ = ["find_columns"]


def find_columns(schema: pa.Schema, names: Sequence[str]) -> list[int]:
    """Return the places of the columns of these names.

    Raises:
        SchemaError: A column does not exist, or two have its name; similar names are suggested.
    """
    places = [find_column(schema, name) for name in names]
    if -1 in places:
        name = names[places.index(-1)]
        raise SchemaError("the data lack this column", feature=name, hint=suggest(name, schema.names))
    return places
