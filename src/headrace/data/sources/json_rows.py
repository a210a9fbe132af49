"""Find the lines of some rows of JSON lines, without parsing the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from headrace.data.plan.steps import Cursor
from headrace.data.sources.files.text_places import LinePlace, unpack_text_cursor
from headrace.data.sources.json_blocks import place_blocks

__all__ = ["read_lines"]

_TEXT = 1 << 19  # bytes parsed at a time
_BLANK = b" \t\r\n"


def read_lines(
    files: Sequence[str], cursor: Cursor, rows: NDArray[np.int64], batch_rows: int
) -> Iterator[bytes]:
    """Read the lines of some rows, about 512 KiB at a time.

    Args:
        files: The files, in reading order; none is a document.
        cursor: A cursor of `stream_text`.
        rows: The numbers of the rows after the cursor, int64 [n], ascending.
        batch_rows: The rows of the batches of a block, except for its last one.

    Yields:
        Whole lines; fewer than `rows` if the files end.
    """
    _, first, start, batches = unpack_text_cursor(cursor)
    before = -batches * batch_rows  # the number of the first row of the block
    pending: list[bytes] = []
    for file in files[first:]:
        for block, _ in place_blocks(file, start):
            bounds = _find_rows(block.text)
            low, high = np.searchsorted(rows, (before, before + len(bounds)))
            for begin, end in bounds[rows[low:high] - before].tolist():
                pending.append(block.text[begin:end])
            before += len(bounds)
            if sum(map(len, pending)) >= _TEXT:
                yield b"".join(pending)
                pending = []
            if not len(rows) or before > rows[-1]:
                yield from [b"".join(pending)] if pending else ()
                return
        start = LinePlace()
    yield from [b"".join(pending)] if pending else ()


def _find_rows(text: bytes) -> NDArray[np.int64]:
    """Find where the lines that are not blank start and end, int64 [rows, 2]."""
    data = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(data == ord("\n")) + 1
    bounds = np.stack([np.concatenate([[0], ends[:-1]]), ends], axis=1)
    for place in reversed(np.flatnonzero(data[bounds[:, 0]] <= ord(" ")).tolist()):
        begin, end = bounds[place].tolist()
        if not text[begin:end].strip(_BLANK):
            bounds = np.delete(bounds, place, axis=0)
    return bounds
