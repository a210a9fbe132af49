"""Whole files, and files that are mapped into memory."""

import numpy as np
from numpy.typing import NDArray

from headrace._native._kernels.enums import FileFault
from headrace._native._kernels.framing import Bytes

class MappingGuard:
    """While it exists, pages of a mapped file that another process has cut off read as zeros.

    Without it, to touch one ends the process by a signal, SIGBUS.

    Args:
        owner: What keeps the file mapped; kept as long as the guard.
        start: The address of the mapped file.
        size: Its size.
    """

    def __init__(self, owner: object, start: int, size: int) -> None: ...
    def arm(self) -> None:
        """Handle the signal again if another library has taken it over."""

    @property
    def is_broken(self) -> bool:
        """Whether a page has vanished; what was read may then be zeros."""

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
