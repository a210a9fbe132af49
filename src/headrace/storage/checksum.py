"""CRC-32C of a stream of bytes, of a file's records, and of a file inside the file itself.

ONNX and safetensors files, and footers of Parquet, hold named texts. The text `headrace.crc32c` is the
CRC-32C of all bytes of the file, its own eight digits read as zeros. A file that other programs wrote has
none and is not checked.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from headrace import _native
from headrace.errors import ModelError

__all__ = ["SEAL", "Checksum", "RecordsChecksum", "check_seal", "file_checksum", "seal"]

_BLOCK = 1 << 20
_KEY = "headrace.crc32c"
_DIGITS = b"00000000"
# A string field of eight bytes in protobuf, a value in JSON, a string field in Thrift's compact protocol.
_BETWEEN = (b"\x12\x08", b'":"', b"\x18\x08")
SEAL = {_KEY: _DIGITS.decode()}
"""The entry to put into the metadata of a file; `seal` fills in its value."""


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


def seal(data: bytes) -> bytes:
    """Fill in the checksum of the bytes of a file whose metadata hold `SEAL`.

    Raises:
        ValueError: The bytes do not hold the entry.
    """
    at = _find_digits(data)
    if at is None:
        raise ValueError("the file has no place for its checksum")
    return b"".join((data[:at], _compute(data, at), data[at + len(_DIGITS) :]))


def check_seal(data: bytes, path: str, hint: str | None = None) -> bool:
    """Compare the bytes of a file with the checksum in them; return False if they hold none.

    `hint` is the remedy where it is not to copy or write the file again.

    Raises:
        ModelError: A byte differs from what was written.
    """
    at = _find_digits(data)
    if at is None:
        return False
    if data[at : at + len(_DIGITS)] != _compute(data, at):
        hint = hint or f"copy or write it again; after a change of your own, remove {_KEY} from its metadata"
        raise ModelError("the file is damaged: it does not match the checksum in it", path=path, hint=hint)
    return True


def _find_digits(data: bytes) -> int | None:
    found = data.find(_KEY.encode())
    start = found + len(_KEY)
    for between in _BETWEEN:
        if found >= 0 and data.startswith(between, start):
            return start + len(between)
    return None


def _compute(data: bytes, at: int) -> bytes:
    view, crc = memoryview(data), Checksum()
    for piece in (view[:at], _DIGITS, view[at + len(_DIGITS) :]):
        crc.update(piece)
    return f"{crc.value:08x}".encode()
