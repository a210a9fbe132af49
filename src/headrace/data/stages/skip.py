"""All but the first rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from headrace.data.pipeline import Stage


@dataclass(frozen=True)
class Skip(Stage):
    """Read the first `rows` rows and leave them out."""

    rows: int

    @property
    def spec(self) -> str:
        """The number of rows."""
        return f"skip({self.rows})"

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """Batches after `rows` rows have passed; the first one is cut."""
        left = self.rows
        for batch in batches:
            kept = batch.slice(min(left, batch.num_rows))
            left -= batch.num_rows - kept.num_rows
            if kept.num_rows:
                yield kept

    def count(self, rows: int | None) -> int | None:
        """What is left."""
        return None if rows is None else max(0, rows - self.rows)
