"""Columns of a Spark DataFrame: their Arrow types, and their selection by name."""

# pyright: reportMissingImports=false
# Spark is an extra: the type checker also runs where it is not installed.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql.pandas.types import to_arrow_type

__all__ = ["read_schema", "select_columns"]


def read_schema(frame: Any) -> pa.Schema:
    """Return the Arrow schema of a DataFrame, without the columns of types that Arrow does not have."""
    fields: list[pa.Field] = []
    for field in frame.schema.fields:
        try:
            fields.append(pa.field(field.name, to_arrow_type(field.dataType, timezone="UTC"), field.nullable))
        except PySparkException:  # an interval or a type of the user's own; nobody may read it
            continue
    return pa.schema(fields)


def select_columns(frame: Any, names: Sequence[str]) -> Any:
    """Select columns by name, in order, under names of their own; batches get the names back on the workers.

    Spark reads a column called `a.b` as a field of `a`, and `*` as all columns, wherever it looks one up.
    """
    own = [f"column_{place}" for place in range(len(frame.columns))]
    return frame.toDF(*own).select(*(own[frame.columns.index(name)] for name in names))
