"""Skip the first rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from headrace.data.pipeline import Stage


@dataclass(frozen=True)
class Skip(Stage):
    """Drop the first `rows` rows; they are still read."""

    rows: int

    @property
    def spec(self) -> str:
        """The number of rows."""
        return f"skip({self.rows})"

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """Yield the batches after the first `rows` rows; the first one may be sliced."""
        left = self.rows
        for batch in batches:
            kept = batch.slice(min(left, batch.num_rows))
            left -= batch.num_rows - kept.num_rows
            if kept.num_rows:
                yield kept

    def count_rows(self, rows: int | None) -> int | None:
        """Return the number of remaining rows."""
        return None if rows is None else max(0, rows - self.rows)
