"""Files in stretches of 16 MB: where large batches end, and what threads read side by side.

A stretch is the records of a file that start in one of its runs of 16 MB (of its uncompressed bytes). Batches
are cut by `Filling`, whichever way the records are read, so they are the same on any machine.
"""

from __future__ import annotations

__all__ = ["ALL_RECORDS", "FIRST_BYTES", "SMALL", "STRETCH", "Filling", "expected", "stretch_end"]

STRETCH = 1 << 24
ALL_RECORDS = 1 << 62  # more than there can be
FIRST_BYTES = 1 << 18  # of a batch or stretch that tell what the rest is like
SMALL = 1 << 20  # bytes: a batch that holds less goes on into the next stretch, by a copy


def stretch_end(offset: int) -> int:
    """Where the stretch ends that a record at `offset` is in.

    >>> stretch_end(0), stretch_end(STRETCH)
    (16777216, 33554432)
    """
    return (offset // STRETCH + 1) * STRETCH


def expected(rows: int, bytes_: int, left: int, most_rows: int = ALL_RECORDS) -> tuple[int, int]:
    """How many records, and bytes of them, a batch will have, if all are like the first ones.

    Args:
        rows: How many those are.
        bytes_: And how many bytes.
        left: Bytes to come, with those.
        most_rows: How many rows the batch takes.
    """
    count = max(rows, min(most_rows, rows * left // bytes_))
    return count, count * bytes_ // rows * 9 // 8  # the rest may be a little longer


class Filling:
    """How far a batch has come. It ends with its last row, or with a stretch, if it holds 1 MB.

    How many bytes of a stretch a batch holds goes by the stretch's mean, whichever way it is read.

    Args:
        batch_size: Rows a batch, at most.

    Attributes:
        rows: How many more rows the batch takes.
    """

    def __init__(self, batch_size: int) -> None:
        self._batch_size = self.rows = batch_size
        self._bytes = 0  # of the batch, in stretches before the present one
        self._begun = 0  # rows of the batch, in the present one
        self._passed_rows = self._passed_bytes = 0  # of the present one

    @property
    def is_empty(self) -> bool:
        """Whether the batch has no rows."""
        return self.rows == self._batch_size

    @property
    def is_full(self) -> bool:
        """Whether the batch has all rows it takes."""
        return self.rows == 0

    def add(self, rows: int, bytes_: int) -> None:
        """So many rows of the present stretch were put to the batch, and so many bytes of the file passed."""
        self.rows -= rows
        self._begun += rows
        self._passed_rows += rows
        self._passed_bytes += bytes_

    def restart(self) -> None:
        """The batch was given; another one begins."""
        self.rows = self._batch_size
        self._bytes = self._begun = 0

    def ends_with_stretch(self) -> bool:
        """The present stretch is over; whether the batch is. Then another one begins."""
        self._bytes += self._passed_bytes * self._begun // max(self._passed_rows, 1)
        self._begun = self._passed_rows = self._passed_bytes = 0
        ends = self._bytes >= SMALL and not self.is_empty
        if ends:
            self.restart()
        return ends
