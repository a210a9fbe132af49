"""The error of a value that does not fit its column."""

from __future__ import annotations

from headrace.errors import SchemaError

__all__ = ["wrong_value"]


def wrong_value(
    what: str, row: int, name: str, hint: str = "pass the column as in the training data"
) -> SchemaError:
    """Create the error of a value that does not fit; it names the row and the column."""
    return SchemaError(what, record=row, feature=name or None, hint=hint)
