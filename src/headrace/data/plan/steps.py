"""The batches of a stream, each with the place where the stream continues.

Every batch of a stream travels with a cursor: where to reopen the stream so that what follows the batch
follows again. No stage has a state to save; prefetch queues and threads hand over the pair.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, NamedTuple

import pyarrow as pa

__all__ = ["Cursor", "Step", "Steps", "Upstream"]

Cursor = Any  # a JSON value: None for the start, an int, or a list of cursors and ints


class Step(NamedTuple):
    """A batch of a stream, and where the stream continues.

    Attributes:
        batch: The rows.
        cursor: Where to reopen the stream to get what follows this batch.
        parent: A batch of which `batch` is a slice, if the slices of the parent follow each other.
        offset: The first row of `batch` in `parent`.
    """

    batch: pa.RecordBatch
    cursor: Cursor
    parent: pa.RecordBatch | None = None
    offset: int = 0

    def measure(self) -> tuple[int, int]:
        """Return the rows and bytes of the batch."""
        return self.batch.num_rows, self.batch.nbytes


Steps = Generator[Step, None, None]
Upstream = Callable[[int, Cursor], Steps]  # opens the stream of an epoch, at a cursor
