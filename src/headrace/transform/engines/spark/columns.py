"""Columns of a Spark DataFrame: their Arrow types on the workers, and their selection by name."""

# pyright: reportMissingImports=false
# Spark is an extra: the type checker also runs where it is not installed.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql.pandas.types import to_arrow_type

__all__ = ["ColumnTypes", "read_schema", "select_columns"]

_TO_LARGE = {pa.string(): pa.large_string(), pa.binary(): pa.large_binary()}
_TO_SMALL = {large: small for small, large in _TO_LARGE.items()}


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


@dataclass(frozen=True)
class ColumnTypes:
    """The Arrow types in which a session and its workers exchange columns.

    Attributes:
        large: Whether strings and binary values are of the large types, by
            `spark.sql.execution.arrow.useLargeVarTypes`.
    """

    large: bool

    @classmethod
    def of(cls, session: Any) -> ColumnTypes:
        """Read the types of a session from its configuration."""
        return cls(session.conf.get("spark.sql.execution.arrow.useLargeVarTypes", "false") == "true")

    def to_arrow(self, batch: pa.RecordBatch, names: Sequence[str]) -> pa.RecordBatch:
        """Return a batch that Spark gave to a worker under the names and in the types of `read_schema`."""
        named = batch.rename_columns(list(names))
        return named.cast(_map_types(named.schema, _TO_SMALL)) if self.large else named

    def to_spark(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch in the types that Spark expects from a worker."""
        return batch.cast(_map_types(batch.schema, _TO_LARGE)) if self.large else batch


def _map_types(schema: pa.Schema, other: Mapping[pa.DataType, pa.DataType]) -> pa.Schema:
    return pa.schema([field.with_type(_map_values(field.type, other)) for field in schema])


def _map_values(type_: pa.DataType, other: Mapping[pa.DataType, pa.DataType]) -> pa.DataType:
    if pa.types.is_list(type_):
        return pa.list_(type_.value_field.with_type(_map_values(type_.value_type, other)))
    return other.get(type_, type_)
