"""CRC-32C of a stream of bytes, and the checksum of a file's records."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from headrace import _native

__all__ = ["Checksum", "RecordsChecksum", "file_checksum"]

_BLOCK = 1 << 20


class Checksum:
    """A CRC-32C that grows with each piece of data.

    >>> crc = Checksum()
    >>> crc.update(b"1234")
    >>> crc.update(b"56789")
    >>> f"{crc.value:08x}", crc.length
    ('e3069283', 9)
    """

    def __init__(self) -> None:
        self.value = 0
        self.length = 0

    def update(self, data: Any) -> None:
        """Append bytes, or an array of them."""
        view = memoryview(data)
        if not view.nbytes:
            return
        self.value = _native.crc32c(np.frombuffer(view, np.uint8), self.value)
        self.length += view.nbytes


class RecordsChecksum(NamedTuple):
    """The records of a file in a format whose records have checksums.

    Attributes:
        records: The number of records.
        crc32c: The CRC-32C of the records' stored checksums, in order.
    """

    records: int
    crc32c: int


def file_checksum(path: str) -> Checksum:
    """Compute the CRC-32C of a local file's bytes.

    Raises:
        OSError: The file cannot be read.
    """
    crc = Checksum()
    block = memoryview(bytearray(_BLOCK))
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - any path-like
        while count := file.readinto(block):
            crc.update(block[:count])
    return crc
