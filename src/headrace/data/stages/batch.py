"""Rebatch to a fixed number of rows."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import pyarrow as pa

from headrace.data.pipeline import Cursor, RowEffect, Stage, Step, Steps, Upstream
from headrace.data.plan.steps import unpack_cursor
from headrace.data.rows import concatenate


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
    def row_effect(self) -> RowEffect:
        """Rows keep their places, unless a remainder is dropped."""
        return "other" if self.drop_remainder else "same"

    @property
    def batch_rows(self) -> int:
        """The size."""
        return self.size

    @property
    def per_part(self) -> tuple[Stage, ...] | None:
        """The stage itself, unless it drops a remainder that depends on the number of all rows."""
        return None if self.drop_remainder else (self,)

    def describe_shared(self, shards: int) -> str:
        """Describe the global batch."""
        return Batch(self.size * shards, self.drop_remainder).spec + " in all"

    def start_cursor(self, cursor: Cursor) -> Cursor:
        """Return the cursor with no row of the next batch read."""
        return [cursor, 0]

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the same rows in the same order.

        A cursor is that of the input in front of the batch that contains the next row, and the rows of it
        that have been read.
        """
        before, start = unpack_cursor(cursor, None, 0)
        pending: list[pa.RecordBatch] = []
        missing = self.size
        with closing(upstream(epoch, before)) as steps:
            for whole, after, *_ in steps:
                rows = whole.num_rows
                while rows - start >= missing:
                    piece = whole.slice(start, missing)
                    offset, start = start, start + missing
                    position = [before, start] if start < rows else [after, 0]
                    if pending:
                        yield Step(concatenate([*pending, piece]), position)
                        pending, missing = [], self.size
                    else:
                        yield Step(piece, position, whole, offset)
                if start < rows:
                    pending.append(whole.slice(start))
                    missing -= rows - start
                before, start = after, 0
        if pending and not self.drop_remainder:
            yield Step(concatenate(pending), [before, 0])

    def count_rows(self, rows: int | None) -> int | None:
        """Return the number of rows, without the remainder if it is dropped."""
        if rows is None or not self.drop_remainder:
            return rows
        return rows - rows % self.size

    def count_batches(self, rows: int | None, batches: int | None) -> int | None:  # noqa: ARG002
        """Return the number of batches, which the number of rows determines."""
        kept = self.count_rows(rows)
        return None if kept is None else -(-kept // self.size)
