"""The checksum of a shard's records in the manifest of its set.

It is the CRC-32C of the records' stored checksums, the footers of their frames, in order. Computing it costs
next to nothing, unlike a checksum of all bytes. Every reader verifies that the data match the stored
checksums, so a file that passes both tests holds the records that were written, in their order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headrace import _native
from headrace.records.tfrecord.framing import FOOTER_SIZE
from headrace.storage import RecordsChecksum

__all__ = ["ShardChecksum"]


class ShardChecksum:
    """The checksum of a shard's records, computed as they are written or read."""

    def __init__(self) -> None:
        self._records = self._crc32c = 0

    def update(self, checksums: NDArray[np.uint8]) -> None:
        """Append records, given their stored checksums, 4 bytes each."""
        self._records += len(checksums) // FOOTER_SIZE
        self._crc32c = _native.crc32c(checksums, self._crc32c)

    @property
    def value(self) -> RecordsChecksum:
        """The checksum of the records so far."""
        return RecordsChecksum(self._records, self._crc32c)
