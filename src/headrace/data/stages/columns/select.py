"""Select columns by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from headrace.data.stages.columns.column_stage import ColumnStage
from headrace.data.stages.columns.find_columns import find_columns


@dataclass(frozen=True)
class Select(ColumnStage):
    """Keep the columns `columns`, in this order.

    Directly after a source that can skip columns, and after `shuffle`, `take` and the like, the other columns
    are not read.
    """

    columns: tuple[str, ...]

    @property
    def spec(self) -> str:
        """The columns."""
        return f"select({list(self.columns)})"

    @property
    def keeps(self) -> Sequence[str]:
        """The columns."""
        return self.columns

    def probe(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Select the columns of a batch.

        Raises:
            SchemaError: A column does not exist.
        """
        return batch.select(find_columns(batch.schema, self.columns))
