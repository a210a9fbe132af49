"""Rename columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from headrace.data.pipeline import RowEffect, Stage
from headrace.data.stages.columns.find_columns import find_columns
from headrace.errors import SchemaError


@dataclass(frozen=True)
class Rename(Stage):
    """Rename columns: `names` has pairs of the old name and the new one."""

    per_batch: ClassVar[bool] = True

    names: tuple[tuple[str, str], ...]

    @property
    def spec(self) -> str:
        """The names."""
        return f"rename({dict(self.names)})"

    @property
    def row_effect(self) -> RowEffect:
        """Rows keep their places."""
        return "same"

    @property
    def per_part(self) -> tuple[Stage, ...]:
        """The stage itself: it works on one batch at a time."""
        return (self,)

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """Yield the batches with the new names; values are not copied.

        Raises:
            SchemaError: A column does not exist, or two columns have the same name.
        """
        return map(self.probe, batches)

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Rename the columns of a batch."""
        fields = list(batch.schema)
        places = find_columns(batch.schema, [old for old, _ in self.names])
        for place, (_, new) in zip(places, self.names, strict=True):
            fields[place] = fields[place].with_name(new)
        schema = pa.schema(fields, batch.schema.metadata)
        if len(set(schema.names)) < len(schema):
            twice = next(name for name in schema.names if schema.names.count(name) > 1)
            raise SchemaError("two columns have this name", feature=twice, hint="choose another name")
        return pa.RecordBatch.from_arrays(batch.columns, schema=schema)
