"""Batches of a fixed number of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from headrace.data.pipeline import Stage
from headrace.data.rows import cut, join


@dataclass(frozen=True)
class Batch(Stage):
    """Cut the stream anew into batches of exactly `size` rows; the last may be shorter, or is dropped.

    A batch that lies within one input batch is a zero-copy slice of it.
    """

    size: int
    drop_remainder: bool = False

    @property
    def spec(self) -> str:
        """The size decides where batches begin."""
        return f"batch({self.size}{', drop_remainder=True' if self.drop_remainder else ''})"

    @property
    def on_parts(self) -> tuple[Stage, ...] | None:
        """Itself, unless the number of all rows decides which are dropped."""
        return None if self.drop_remainder else (self,)

    def apply(self, batches: Iterator[pa.RecordBatch], epoch: int) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """The same rows in the same order."""
        pending: list[pa.RecordBatch] = []
        missing = self.size
        for whole in batches:
            head = whole.slice(0, missing)
            if head.num_rows:
                pending.append(head)
                missing -= head.num_rows
            if missing:
                continue
            yield join(pending)
            pending, missing = [], self.size
            for piece in cut(whole.slice(head.num_rows), self.size):
                if piece.num_rows == self.size:
                    yield piece
                else:
                    pending, missing = [piece], self.size - piece.num_rows
        if pending and not self.drop_remainder:
            yield join(pending)

    def count(self, rows: int | None) -> int | None:
        """All rows, or as many as fill whole batches."""
        if rows is None or not self.drop_remainder:
            return rows
        return rows - rows % self.size
