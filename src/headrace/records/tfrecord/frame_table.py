"""Where the records of several files lie, by record number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from headrace.errors import UsageError

__all__ = ["FramePlaces", "FrameTable"]


class FramePlaces(NamedTuple):
    """The file number, byte offset and length in bytes of each of n frames, int64 [n]."""

    files: NDArray[np.int64]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int64]


@dataclass(frozen=True)
class FrameTable:
    """Maps record numbers, from 0 through all files, to places; 8 bytes per record.

    Attributes:
        bounds: Where each frame of a file starts, and where its last one ends, of one file after the other,
            int64 [records + files].
        first_rows: The number of the first record of each file, and the number of records, int64 [files + 1].
    """

    bounds: NDArray[np.int64]
    first_rows: NDArray[np.int64]

    @classmethod
    def join(cls, bounds: Sequence[NDArray[np.int64]]) -> FrameTable:
        """Join the bounds of each file, [records + 1]."""
        counts = [len(each) - 1 for each in bounds]
        return cls(np.concatenate(bounds), np.cumsum([0, *counts], dtype=np.int64))

    @property
    def num_rows(self) -> int:
        """The number of records of all files."""
        return int(self.first_rows[-1])

    @property
    def sizes(self) -> NDArray[np.int64]:
        """The size of each file in bytes, int64 [files]."""
        return self.bounds[self.first_rows[1:] + np.arange(len(self.first_rows) - 1)]

    def find_files(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of the file that holds each record, int64 [n]."""
        if len(self.first_rows) == 2:
            return np.zeros(len(rows), np.int64)
        return np.searchsorted(self.first_rows, rows, "right") - 1

    def find(self, rows: NDArray[np.int64]) -> FramePlaces:
        """Return the places of records.

        Raises:
            UsageError: A number is out of range.
        """
        if len(rows) and not 0 <= rows.min() <= rows.max() < self.num_rows:
            what = f"expected record numbers below {self.num_rows:,}, got {rows.min():,} to {rows.max():,}"
            raise UsageError(what, hint="pass numbers of records in the files")
        files = self.find_files(rows)
        at = rows + files
        offsets = self.bounds[at]
        return FramePlaces(files, offsets, self.bounds[at + 1] - offsets)
