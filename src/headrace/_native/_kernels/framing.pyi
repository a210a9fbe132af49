"""TFRecord framing and checksums."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from headrace._native._kernels.enums import FrameState

# Bytes in any contiguous memory
Bytes: TypeAlias = NDArray[np.uint8] | bytes | memoryview

def scan_frames(
    data: Bytes, verify: bool = True
) -> tuple[NDArray[np.int64], NDArray[np.int64], int, FrameState, int]:
    """Find the records in the bytes of a TFRecord file, starting at a record; verify header checksums.

    Args:
        data: The bytes.
        verify: Whether to verify the checksums of the data, too.

    Returns:
        The starts and lengths of the records' data; the end of the last intact record; what follows it; and
        the length that the header there claims, or 0 if that header is incomplete or invalid.
    """

class LocalRecords:
    """Reads the records of an uncompressed local file, to be passed to a parser.

    Args:
        file: The file's descriptor, which must stay open for the lifetime of this object.
        offset: Where the first record starts.
        record: The number of that record.
    """

    def __init__(self, file: int, offset: int = 0, record: int = 0) -> None: ...
    def find(self, stop: int) -> bool:
        """Advance to the first position before `stop` where a record may start, judging by header checksums.

        Returns:
            Whether there is one.
        """

    @property
    def record(self) -> int:
        """The number of the next record."""

    @property
    def offset(self) -> int:
        """Where the next record starts."""

def index_frames(file: int, size: int) -> tuple[NDArray[np.int64], bool]:
    """Follow the record headers of an uncompressed local file; verify their checksums, not those of the data.

    Args:
        file: The file's descriptor.
        size: The file's size in bytes.

    Returns:
        Where each frame starts and the last one ends, [records + 1]; and whether the frames fill the file.
    """

def allocate_bytes(size: int) -> NDArray[np.uint8]:
    """Return an uninitialised array; reuses the memory of earlier arrays."""

def gather_frames(data: Bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Concatenate the frames (header, data and footer) of records whose data lie in `data`.

    Raises:
        ValueError: A frame lies outside `data`.
    """

def gather_checksums(data: Bytes, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Concatenate the stored checksums (footers, 4 bytes each) of records whose data lie in `data`.

    Raises:
        ValueError: A frame lies outside `data`.
    """

def find_header(data: Bytes, max_length: int, left: int) -> int:
    """Find the first position in `data` where a record header may start, judging by its checksum.

    Args:
        data: A part of a file.
        max_length: The maximum length of a record's data.
        left: The number of bytes that the file has from the start of `data` on; 2**64 - 1 if unknown.

    Returns:
        The position; if the search fails, the position from which to continue once more bytes are available,
        which fewer than 12 bytes follow.
    """

def frame(data: Bytes) -> bytes:
    """Frame one TFRecord record: header, data, footer."""

def crc32c(data: Bytes, crc: int = 0) -> int:
    """Compute CRC-32C, with the processor's CRC instruction if available.

    Args:
        data: The bytes.
        crc: The CRC-32C of the bytes before them.
    """

def release_cached_blocks() -> None:
    """Return the memory of freed arrays, which is kept for new ones, to the system.

    Calls at the same time from several threads may leave it cached.
    """

def highway_hash(data: Bytes, key: NDArray[np.uint64]) -> int:
    """Compute HighwayHash-64 with a key of four words, uint64 [4]."""

def crc32c_portable(data: Bytes) -> int:
    """Compute CRC-32C with tables."""
