"""Write the frames of a shard."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headrace.records.tfrecord.shard_checksum import ShardChecksum
from headrace.storage import FileSet

__all__ = ["ShardWriter"]


class ShardWriter:
    """Writes a record file of a set, and gives the set the checksum of its records.

    Args:
        files: The set.
        path: The final path, or a URL.
        compression: None, "gzip" or "zlib".

    Raises:
        UsageError: The file cannot be created.
    """

    def __init__(self, files: FileSet, path: str, compression: str | None) -> None:
        self._file = files.open(path, compression, checksum=False)
        self._checksum = ShardChecksum()

    def write(self, frames: NDArray[np.uint8], checksums: NDArray[np.uint8]) -> None:
        """Append records.

        Args:
            frames: The headers, data and footers.
            checksums: The footers once more, 4 bytes each.

        Raises:
            OSError: The file cannot be written to.
        """
        self._checksum.update(checksums)
        self._file.write(frames)

    def finish(self) -> None:
        """Write out what is buffered; the file still waits for the commit of the set.

        Raises:
            UsageError: The file cannot be written.
        """
        self._file.records = self._checksum.value
        self._file.finish()
