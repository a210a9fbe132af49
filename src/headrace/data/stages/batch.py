"""Rebatch to a fixed number of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from headrace.data.pipeline import Stage
from headrace.data.rows import concatenate, split_rows


@dataclass(frozen=True)
class Batch(Stage):
    """Rebatch to exactly `size` rows; the last batch may be shorter, or is dropped.

    A batch inside one input batch is a zero-copy slice of it.
    """

    size: int
    drop_remainder: bool = False

    @property
    def spec(self) -> str:
        """The size, which determines the boundaries of batches."""
        return f"batch({self.size}{', drop_remainder=True' if self.drop_remainder else ''})"

    @property
    def per_part(self) -> tuple[Stage, ...] | None:
        """The stage itself, unless it drops a remainder that depends on the number of all rows."""
        return None if self.drop_remainder else (self,)

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """Yield the same rows in the same order."""
        pending: list[pa.RecordBatch] = []
        missing = self.size
        for whole in batches:
            head = whole.slice(0, missing)
            if head.num_rows:
                pending.append(head)
                missing -= head.num_rows
            if missing:
                continue
            yield concatenate(pending)
            pending, missing = [], self.size
            for piece in split_rows(whole.slice(head.num_rows), self.size):
                if piece.num_rows == self.size:
                    yield piece
                else:
                    pending, missing = [piece], self.size - piece.num_rows
        if pending and not self.drop_remainder:
            yield concatenate(pending)

    def count_rows(self, rows: int | None) -> int | None:
        """Return the number of rows, without the remainder if it is dropped."""
        if rows is None or not self.drop_remainder:
            return rows
        return rows - rows % self.size
