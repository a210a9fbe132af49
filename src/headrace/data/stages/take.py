"""Take the first rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from headrace.data.pipeline import Stage


@dataclass(frozen=True)
class Take(Stage):
    """Keep the first `rows` rows and read no further."""

    rows: int

    @property
    def spec(self) -> str:
        """The number of rows."""
        return f"take({self.rows})"

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """Yield batches up to `rows` rows; the last one may be sliced."""
        left = self.rows
        while left > 0 and (batch := next(batches, None)) is not None:
            kept = batch.slice(0, left)
            left -= kept.num_rows
            yield kept

    def count_rows(self, rows: int | None) -> int | None:
        """Return the number of rows, at most `self.rows`."""
        return None if rows is None else min(rows, self.rows)
