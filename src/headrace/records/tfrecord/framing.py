"""The framing of records in a TFRecord file.

One record is a uint64 length, the masked CRC-32C of that length, the data, and the masked CRC-32C of the
data, all little-endian (https://www.tensorflow.org/tutorials/load_data/tfrecord).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from headrace.errors import RecordError

__all__ = [
    "COPY_AGAIN",
    "FOOTER_SIZE",
    "HEADER_SIZE",
    "LARGEST_RECORD",
    "Place",
    "Records",
    "checksum_error",
]

HEADER_SIZE = 12
FOOTER_SIZE = 4
COPY_AGAIN = "copy or write the file again"  # the hint where bytes are corrupt
LARGEST_RECORD = 2**31 - 1  # bytes: the limit of a protocol buffer message


@dataclass(frozen=True)
class Place:
    """The place of a record: its file, its number in the file, and the byte offset of its header."""

    path: str | None
    record: int
    offset: int | None

    def error(self, what: str, hint: str, feature: str | None = None) -> RecordError:
        """Create an error that names this place."""
        return RecordError(
            what, path=self.path, record=self.record, offset=self.offset, feature=feature, hint=hint
        )


def checksum_error(place: Place) -> RecordError:
    """Create the error of a record whose data do not match their checksum."""
    return place.error("the data do not match their checksum", COPY_AGAIN)


@dataclass(frozen=True)
class Records:
    """Consecutive records of one file whose headers match their checksums.

    Attributes:
        path: The file; None for records that do not come from a file.
        first: The number of the first record in the file.
        offset: The byte offset of `data` in the file's uncompressed bytes.
        data: Bytes that hold the records, and maybe others.
        starts: The index in `data` of the first byte of each record's payload, int64.
        lengths: The lengths of the payloads, int64.
        verified: Whether the checksums of the payloads have been verified.
    """

    path: str | None
    first: int
    offset: int
    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    verified: bool = field(default=True, kw_only=True)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def begin(self) -> int:
        """The byte offset of the first record's header; there must be a record."""
        return self.offset + int(self.starts[0]) - HEADER_SIZE

    @property
    def span(self) -> int:
        """The number of bytes of the file that the records occupy."""
        return int(self.lengths.sum()) + len(self) * (HEADER_SIZE + FOOTER_SIZE)

    def split(self, row: int) -> tuple[Records, Records | None]:
        """Divide the records before `row` from the rest, if there is any, sharing memory."""
        if row >= len(self):
            return self, None
        return self.slice(0, row), self.slice(row, len(self))

    def slice(self, start: int, stop: int) -> Records:
        """Return the records from `start` up to `stop`, sharing memory."""
        starts, lengths = self.starts[start:stop], self.lengths[start:stop]
        first = self.first + start
        return Records(self.path, first, self.offset, self.data, starts, lengths, verified=self.verified)

    def place(self, row: int) -> Place:
        """Return the place of the `row`-th of these records."""
        offset = None if self.path is None else self.offset + int(self.starts[row]) - HEADER_SIZE
        return Place(self.path, self.first + row, offset)

    def payloads(self) -> Iterator[bytes]:
        """Yield the data of each record."""
        for start, length in zip(self.starts.tolist(), self.lengths.tolist(), strict=True):
            yield self.data[start : start + length].tobytes()
