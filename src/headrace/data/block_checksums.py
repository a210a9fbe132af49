"""Checksums of the blocks of a Parquet or Arrow file, and one of its footer, which the formats do not have.

Pages of Parquet have checksums, but not the headers of pages and not the footer, which say how pages are
decoded; Arrow files have none. The footers of our files have two entries:

    headrace.blocks     the size of the file before the footer, and the CRC-32C of every 64 KiB of it
    headrace.crc32c     the CRC-32C of the footer and of what follows it, its own digits read as zeros

In Parquet they are metadata of the footer. In an Arrow file they are a JSON object, padded with spaces, and
its length, eight bytes, between the end marker of the stream and the footer, where no reader looks.

Our readers check each block that they read. Other programs may copy the entries into other files; the size
then differs, and the checksums are ignored.
"""

from __future__ import annotations

import base64
import json
import os
import re
from io import RawIOBase
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace._native import crc32c
from headrace.errors import ModelError, RecordError
from headrace.storage import SEAL, check_seal, open_random_access, seal

__all__ = ["ChecksummedStream", "open_checksummed", "without_checksums"]

_KEY = "headrace.blocks"
_KEYS = {key.encode() for key in (_KEY, *SEAL)}
_BLOCK = 1 << 16
_ENTRY = re.compile(_KEY.encode() + rb"\x18.{1,5}?(\d{20}):([A-Za-z0-9+/]*=*)", re.DOTALL)
_PARQUET, _ARROW = b"PAR1", b"ARROW1"  # the last bytes of a file; those before are the size of its footer
_TAIL = 4 + len(_ARROW)
_END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"
_JSON_ENTRY = re.compile(rb'\{"headrace\.blocks":"(\d{20}):([A-Za-z0-9+/]*=*)"')
_HINT = "write or copy the file again"


class ChecksummedStream(RawIOBase):
    """A stream that a writer of Parquet or Arrow writes to; the checksums are put into the footer.

    Args:
        stream: Where the bytes go.
    """

    def __init__(self, stream: Any) -> None:
        super().__init__()
        self._stream = stream
        self._size = 0
        self._checksums: list[int] = []
        self._crc = self._held = 0  # of a block that is not complete
        self._footer: bytearray | None = None

    def writable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the number of bytes written."""
        return self._size + len(self._footer or b"")

    def write(self, data: Any, /) -> int:
        """Append bytes."""
        view = np.frombuffer(data, np.uint8)
        if self._footer is not None:
            self._footer += view.tobytes()
            return view.nbytes
        self._stream.write(data)
        self._size += view.nbytes
        for start in range(0, view.nbytes, _BLOCK):
            self._add(view[start : start + _BLOCK])
        return view.nbytes

    def _add(self, part: NDArray[np.uint8]) -> None:
        """Add at most the bytes of a block."""
        head = part[: _BLOCK - self._held]
        self._crc, self._held = crc32c(head, self._crc), self._held + len(head)
        if self._held == _BLOCK:
            self._checksums.append(self._crc)
            rest = part[len(head) :]
            self._crc, self._held = crc32c(rest), len(rest)

    def start_footer(self) -> dict[str, str]:
        """Return the metadata of the footer, which is written next."""
        self._footer = bytearray()
        checksums = np.array([*self._checksums, *([self._crc] if self._held else [])], "<u4")
        return {_KEY: f"{self._size:020}:{base64.b64encode(checksums.tobytes()).decode()}", **SEAL}

    def finish(self) -> None:
        """Write the footer of a Parquet file with its checksum."""
        assert self._footer is not None
        self._stream.write(seal(bytes(self._footer)))

    def finish_arrow(self, metadata: dict[str, str]) -> None:
        """Write the end marker, the metadata of `start_footer`, and the footer of an Arrow file."""
        assert self._footer is not None
        end, footer = bytes(self._footer[: len(_END_OF_STREAM)]), bytes(self._footer[len(_END_OF_STREAM) :])
        entry = json.dumps(metadata, separators=(",", ":")).encode()
        entry += b" " * (-len(entry) % 8)
        self._stream.write(seal(end + entry + len(entry).to_bytes(8, "little") + footer))


def without_checksums(schema: pa.Schema) -> pa.Schema:
    """Return a schema without the checksums of a file that it was read from."""
    metadata = {key: value for key, value in (schema.metadata or {}).items() if key not in _KEYS}
    return schema.with_metadata(metadata or None)


def open_checksummed(path: str) -> CheckedFile | None:
    """Open a Parquet or Arrow file that has our checksums; None if it has none.

    Raises:
        RecordError: The footer does not match its checksum.
        UsageError: The file cannot be opened.
        OSError: The file cannot be read.
    """
    file = open_random_access(path)
    size = file.seek(0, 2)
    tail = _read(file, max(size - _TAIL, 0), _TAIL)
    entry, format_ = None, "Parquet"
    if tail.endswith(_PARQUET):
        start = _find_footer(size, tail, _PARQUET)
        entry = _ENTRY.search(_read(file, start, size - start))
    elif tail.endswith(_ARROW):
        end, format_ = _find_footer(size, tail, _ARROW), "Arrow"
        length = int.from_bytes(_read(file, max(end - 8, 0), 8), "little")
        start = max(end - 8 - length - len(_END_OF_STREAM), 0)
        entry = _JSON_ENTRY.match(_read(file, start + len(_END_OF_STREAM), length)) if length < end else None
    else:
        start = size
    if entry is None or int(entry[1]) != start:
        file.close()
        return None
    try:
        check_seal(_read(file, start, size - start), path)
    except ModelError as error:
        what = f"the footer of the {format_} file does not match its checksum"
        raise RecordError(what, path=path, hint=_HINT) from error
    return CheckedFile(file, entry[2], start, path)


def _find_footer(size: int, tail: bytes, magic: bytes) -> int:
    """Return where the footer starts, or the size of the file if it cannot start there."""
    after = 4 + len(magic)
    start = size - after - int.from_bytes(tail[-after : -len(magic)], "little")
    return start if 0 < start < size - after else size


def _read(file: BinaryIO, start: int, count: int) -> bytes:
    """Read bytes; those of a local file without its position, which forked processes share."""
    try:
        descriptor = file.fileno()
    except (AttributeError, OSError):  # of a URL, or in memory
        file.seek(start)
        return file.read(count)
    pieces: list[bytes] = []
    while count and (piece := os.pread(descriptor, count, start)):
        pieces.append(piece)
        start, count = start + len(piece), count - len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class CheckedFile(RawIOBase):
    """A file for random access whose blocks are compared with their checksums as they are read.

    Args:
        file: The file.
        checksums: The CRC-32C of each block, in base64.
        size: The number of bytes that they cover; what follows is not checked.
        path: The name of the file, for messages.
    """

    def __init__(self, file: BinaryIO, checksums: bytes, size: int, path: str) -> None:
        super().__init__()
        self._file = file
        self._checksums: NDArray[np.uint32] = np.frombuffer(base64.b64decode(checksums), "<u4")
        self._covered = size
        self._path = path
        self._position = 0
        self._last = -1, b""  # a block, and its bytes

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to a position."""
        self._position = self._file.seek(offset, whence)
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        """Read bytes into a buffer; see `read`."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def read(self, size: int = -1, /) -> Any:
        """Read bytes, and check the blocks that they lie in.

        Raises:
            RecordError: A block does not match its checksum.
        """
        start = self._position
        size = size if size >= 0 else self._file.seek(0, 2) - start
        inside = max(0, min(size, self._covered - start))
        data: Any = b""
        if inside:
            first, last = start // _BLOCK, (start + inside - 1) // _BLOCK
            place = start - first * _BLOCK
            data = memoryview(self._read_blocks(first, last))[place : place + inside]
        if inside < size:
            data = b"".join((data, _read(self._file, start + inside, size - inside)))
        self._position += len(data)
        return data

    def _read_blocks(self, first: int, last: int) -> bytes:
        """Read blocks; a single one, of many columns, is kept."""
        if first == last == self._last[0]:
            return self._last[1]
        start, end = first * _BLOCK, min((last + 1) * _BLOCK, self._covered)
        data = _read(self._file, start, end - start)
        view = np.frombuffer(data, np.uint8)
        for block in range(first, last + 1):
            content = view[block * _BLOCK - start :][:_BLOCK]
            if len(data) < end - start or crc32c(content) != self._checksums[block]:
                what = "the data do not match their checksum"
                raise RecordError(what, path=self._path, offset=block * _BLOCK, hint=_HINT)
        self._last = last, view[last * _BLOCK - start :].tobytes()
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
