"""Records at known places in open local files, in any order."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from headrace._native import SelectedState
from headrace.errors import HeadraceError, UsageError
from headrace.records.tfrecord.framing import COPY_AGAIN, Place

__all__ = ["SelectedFrames", "moved_error"]


class SelectedFrames(NamedTuple):
    """The places of records, from an index; the records have not been read yet.

    Attributes:
        descriptors: The descriptor of each record's file, int32 [n].
        offsets: Where each frame (header, data and footer) starts in its file, int64 [n].
        lengths: The length of each frame in bytes, int64 [n].
        place: Returns the place of the i-th of these records, for an error.
    """

    descriptors: NDArray[np.int32]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int64]
    place: Callable[[int], Place]

    def error(self, row: int, state: SelectedState, errno: int) -> HeadraceError:
        """Create the error of a record that cannot be read."""
        place = self.place(row)
        if state == SelectedState.UNREADABLE:
            what, hint = f"cannot be read further: {os.strerror(errno)}", "try again or copy the file"
            return UsageError(what, path=place.path, offset=place.offset, hint=hint)
        if state == SelectedState.TRUNCATED:
            return place.error("the file has been truncated since it was opened", COPY_AGAIN)
        return moved_error(place)


def moved_error(place: Place) -> HeadraceError:
    """Create the error of a record that is not where the index says."""
    what = "expected a record of the length in the index, got other bytes"
    return place.error(what, "write the index again with records.write_index, or copy the file again")
