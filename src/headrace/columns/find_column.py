"""The place of a column in a schema, whose names may repeat."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from headrace.errors import SchemaError

__all__ = ["find_column", "find_repeated"]


def find_column(schema: pa.Schema, name: str) -> int:
    """Return the place of the column of a name; -1 if no column has it.

    Raises:
        SchemaError: Two columns have this name.
    """
    place = schema.get_field_index(name)
    if place < 0 and len(schema.get_all_field_indices(name)) > 1:
        raise SchemaError("two columns have this name", feature=name, hint="rename one, or drop it")
    return place


def find_repeated(names: Iterable[str]) -> str | None:
    """Return the first name that occurs again; None if all are distinct."""
    seen: set[str] = set()
    return next((name for name in names if name in seen or seen.add(name)), None)
