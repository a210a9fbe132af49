"""Open shards of text so that their bytes are compared with the manifest of their set."""

from __future__ import annotations

from functools import lru_cache
from io import BufferedReader, RawIOBase
from pathlib import PurePath
from typing import Any, BinaryIO

import numpy as np

from headrace._native import crc32c
from headrace.errors import RecordError
from headrace.storage import (
    ByteStream,
    FileEntry,
    Manifest,
    Shard,
    decompress,
    file_exists,
    file_stamp,
    local_path,
    open_decompressed,
    open_stream,
)

__all__ = ["open_text"]

_BUFFER = 1 << 20  # bytes
_MANIFESTS = 64  # kept in memory


def open_text(path: str) -> BinaryIO:
    """Open a file for reading from its start, decompressed, as `open_decompressed` does.

    Text has no checksums. If the file is local and the manifest of its set names its checksum, the end of the
    file is a `RecordError` unless all bytes before it are those that were written.

    Raises:
        UsageError: The file cannot be opened.
    """
    entry = _find_entry(path)
    if entry is None or entry.crc32c is None:
        return open_decompressed(path)
    checked = _CheckedStream(open_stream(path).stream, entry.crc32c, path)
    return decompress(BufferedReader(checked, _BUFFER), path)


def _find_entry(path: str) -> FileEntry | None:
    shard = Shard.parse(path)
    manifest = None if shard is None else shard.manifest
    if manifest is None or local_path(path) is None or not file_exists(manifest):
        return None
    return _read_manifest(manifest, file_stamp(manifest)).get(PurePath(path).name)


@lru_cache(_MANIFESTS)
def _read_manifest(path: str, _stamp: str) -> dict[str, FileEntry]:
    found = Manifest.read(path)
    return {} if found is None else dict(found.files)


class _CheckedStream(RawIOBase):
    """A stream that is compared with a CRC-32C at its end."""

    def __init__(self, stream: ByteStream, expected: int, path: str) -> None:
        super().__init__()
        self._stream = stream
        self._expected = expected
        self._path = path
        self._found = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read bytes into a buffer.

        Raises:
            RecordError: This is the end, and the bytes are not those that were written.
        """
        view = memoryview(buffer).cast("B")
        count = self._stream.readinto(view) or 0
        if count:
            self._found = crc32c(np.frombuffer(view[:count], np.uint8), self._found)
        elif len(view) and self._found != self._expected:
            what = f"checksum {self._found:08x} does not match the manifest, expected {self._expected:08x}"
            hint = "write the set again, or delete the manifest to read the files as they are"
            raise RecordError(what, path=self._path, hint=hint)
        return count

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()
        super().close()
