"""The batches of a stream, each with the place where the stream continues.

Every batch of a stream travels with a cursor: where to reopen the stream so that what follows the batch
follows again. No stage has a state to save; prefetch queues and threads hand over the pair.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, NamedTuple

import pyarrow as pa

from headrace.arguments import show_value
from headrace.errors import UsageError

__all__ = ["Cursor", "Step", "Steps", "Upstream", "unpack_count", "unpack_cursor"]

Cursor = Any  # a JSON value: None for the start, an int, or a list of cursors and ints


class Step(NamedTuple):
    """A batch of a stream, and where the stream continues.

    Attributes:
        batch: The rows.
        cursor: Where to reopen the stream to get what follows this batch.
        parent: A batch of which `batch` is a slice, if the slices of the parent follow each other.
        offset: The first row of `batch` in `parent`.
        is_owned: Whether nothing else reads the memory of the batch that is mutable, so that its reader may
            keep and change it.
    """

    batch: pa.RecordBatch
    cursor: Cursor
    parent: pa.RecordBatch | None = None
    offset: int = 0
    is_owned: bool = False

    def measure(self) -> tuple[int, int]:
        """Return the rows and bytes of the batch."""
        return self.batch.num_rows, self.batch.nbytes


Steps = Generator[Step, None, None]
Upstream = Callable[[int, Cursor], Steps]  # opens the stream of an epoch, at a cursor


def unpack_cursor(cursor: Cursor, *start: Any) -> tuple[Any, ...]:
    """Return the parts of a cursor, or `start` for the start of the stream.

    Args:
        cursor: The cursor.
        start: The parts at the start: an int, a list, or None for the cursor of an input.

    Raises:
        UsageError: The cursor has other parts; it is of another stage.

    Example:
        >>> unpack_cursor(None, None, 0), unpack_cursor([[3, 0], 7], None, 0)
        ((None, 0), ([3, 0], 7))
    """
    if cursor is None or cursor == 0:
        return start
    parts = cursor if isinstance(cursor, list | tuple) else ()
    if len(parts) != len(start) or not all(map(_is_alike, parts, start)):
        raise UsageError(
            f"the iteration state has a position of {len(start)} parts here, got {show_value(cursor)}",
            hint="pass what state_dict() returned for this dataset",
        )
    return tuple(parts)


def unpack_count(cursor: Cursor) -> int:
    """Return a cursor that is a number, or 0 for the start of the stream.

    Raises:
        UsageError: It is not a number.
    """
    return unpack_cursor([cursor or 0], 0)[0]


def _is_alike(part: Any, start: Any) -> bool:
    if start is None:
        return True
    return isinstance(part, list | tuple) if isinstance(start, list | tuple) else isinstance(part, int)
