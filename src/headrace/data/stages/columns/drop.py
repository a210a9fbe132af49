"""Drop columns by name."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from headrace.data.stages.columns.column_stage import ColumnStage
from headrace.data.stages.columns.find_columns import find_columns


@dataclass(frozen=True)
class Drop(ColumnStage):
    """Drop the columns `columns`; the others keep their order."""

    columns: tuple[str, ...]

    @property
    def spec(self) -> str:
        """The columns."""
        return f"drop({list(self.columns)})"

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Drop the columns of a batch.

        Raises:
            SchemaError: A column does not exist.
        """
        dropped = set(find_columns(batch.schema, self.columns))
        return batch.select([place for place in range(batch.num_columns) if place not in dropped])
