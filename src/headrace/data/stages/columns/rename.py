"""Rename columns."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from headrace.data.stages.columns.column_stage import ColumnStage
from headrace.data.stages.columns.find_columns import find_columns
from headrace.errors import SchemaError


@dataclass(frozen=True)
class Rename(ColumnStage):
    """Rename columns: `names` has pairs of the old name and the new one."""

    names: tuple[tuple[str, str], ...]

    @property
    def spec(self) -> str:
        """The names."""
        return f"rename({dict(self.names)})"

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Rename the columns of a batch.

        Raises:
            SchemaError: A column does not exist, or two columns have the same name.
        """
        fields = list(batch.schema)
        places = find_columns(batch.schema, [old for old, _ in self.names])
        for place, (_, new) in zip(places, self.names, strict=True):
            fields[place] = fields[place].with_name(new)
        schema = pa.schema(fields, batch.schema.metadata)
        if len(set(schema.names)) < len(schema):
            twice = next(name for name in schema.names if schema.names.count(name) > 1)
            raise SchemaError("two columns have this name", feature=twice, hint="choose another name")
        return pa.RecordBatch.from_arrays(batch.columns, schema=schema)
