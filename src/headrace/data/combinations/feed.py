"""Rows of a dataset, taken a given number at a time."""

from __future__ import annotations

import pyarrow as pa

from headrace.data.pipeline import Cursor, Upstream
from headrace.data.plan.steps import unpack_cursor

__all__ = ["Feed"]


class Feed:
    """The rows of one input of a combination.

    Args:
        upstream: Opens the stream of an epoch at a cursor.
        epoch: The epoch.
        cursor: None, or a `Feed`'s cursor.
    """

    def __init__(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> None:
        self._before, self._offset = unpack_cursor(cursor, None, 0)
        self._after = self._before
        self._batch: pa.RecordBatch | None = None
        self._steps = upstream(epoch, self._before)
        self.is_exhausted = False

    @property
    def cursor(self) -> Cursor:
        """Where the next row lies: the stream's cursor in front of its batch, and its place there."""
        return [self._before, self._offset]

    def fill(self) -> int:
        """Read a batch if none is left; return the number of rows at hand, 0 at the end."""
        while self._batch is None or self._offset >= self._batch.num_rows:
            if self._batch is not None:
                self._before = self._after
                self._offset -= self._batch.num_rows
                self._batch = None
            step = next(self._steps, None)
            if step is None:
                self.is_exhausted = True
                return 0
            self._batch, self._after = step.batch, step.cursor
        return self._batch.num_rows - self._offset

    def take(self, rows: int) -> list[pa.RecordBatch]:
        """Take the next `rows` rows as slices of batches; fewer at the end."""
        taken: list[pa.RecordBatch] = []
        while rows and (held := self.fill()):
            assert self._batch is not None
            piece = self._batch.slice(self._offset, min(rows, held))
            self._offset += piece.num_rows
            rows -= piece.num_rows
            taken.append(piece)
        return taken

    def close(self) -> None:
        """Close the stream."""
        self._steps.close()
