"""Whole files."""

import numpy as np
from numpy.typing import NDArray

from headrace._native._kernels.enums import FileFault
from headrace._native._kernels.framing import Bytes

def read_files(
    folder: bytes, offsets: NDArray[np.int32], names: Bytes, limit: int, enough: int
) -> tuple[NDArray[np.int32], NDArray[np.uint8], FileFault, int]:
    """Read whole files, in order, until one fails or at least `enough` bytes have been read.

    Args:
        folder: The path of the folder that holds the files.
        offsets: Arrow offsets of the files' names in `names`, [files + 1].
        names: The names, relative to the folder.
        limit: The most bytes of a file.
        enough: The number of bytes behind which no other file is read.

    Returns:
        Arrow offsets [files read + 1] and bytes of the contents; the fault of the next file; and its errno.

    Raises:
        ValueError: Offsets that descend or leave `names`.
    """
