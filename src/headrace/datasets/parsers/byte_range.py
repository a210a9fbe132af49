"""A part of a file, read at any place by any thread."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from headrace.errors import RecordError

__all__ = ["ByteRange", "bad_file", "open_spool"]


@dataclass(frozen=True)
class ByteRange:
    """Bytes of an open file.

    Attributes:
        file: The file, which stays open as long as this object lives.
        offset: The first byte.
        size: The number of bytes.
        path: What messages call it.
    """

    file: IO[bytes]
    offset: int
    size: int
    path: str

    def read(self, start: int = 0, size: int | None = None) -> bytes:
        """Read `size` bytes from byte `start` of the range on; None reads all of them.

        Raises:
            RecordError: The file has become shorter.
        """
        size = self.size - start if size is None else size
        parts: list[bytes] = []
        while size:
            part = os.pread(self.file.fileno(), min(size, 1 << 30), self.offset + start)
            if not part:
                raise bad_file("the file ends too early", self.path)
            parts.append(part)
            start, size = start + len(part), size - len(part)
        return b"".join(parts)


def open_spool(path: Path) -> IO[bytes]:
    """Open a nameless temporary file for the decompressed bytes of `path`, beside it if that is possible.

    The operating system removes it when it is closed, or when the process dies.
    """
    folder = path.parent if os.access(path.parent, os.W_OK) else None
    return tempfile.TemporaryFile(dir=folder)


def bad_file(what: str, path: str, offset: int | None = None) -> RecordError:
    """Make the error for a file of the publisher that is damaged or of another layout."""
    return RecordError(what, path=path, offset=offset, hint="download the file again")
