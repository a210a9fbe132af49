"""Open files and URLs for reading: as a stream of bytes, decompressed on request, or for random access.

Local files are not mapped into memory: a file truncated while it is read raises an error instead of crashing
the process.
"""

from __future__ import annotations

import bz2
import gzip
import os
import stat
import zlib
from io import BufferedReader, BytesIO, RawIOBase
from typing import Any, BinaryIO, NamedTuple, Protocol, cast

from headrace.errors import UsageError
from headrace.file_errors import reason, wrap_file_errors
from headrace.storage.filesystem import local_path, open_filesystem, protocols

__all__ = [
    "READ_ERRORS",
    "ByteStream",
    "OpenedFile",
    "decompress",
    "open_decompressed",
    "open_random_access",
    "open_stream",
]

READ_ERRORS = (OSError, EOFError, zlib.error)  # of the files that `open_decompressed` opens
_BUFFER = 1 << 20  # bytes


class ByteStream(Protocol):
    """A forward-only stream of bytes."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Read the next bytes into `buffer` and return their number, 0 only at the end.

        Raises:
            OSError: The bytes cannot be read.
        """
        ...

    def close(self) -> None:
        """Close the stream."""
        ...


class OpenedFile(NamedTuple):
    """An open file, positioned at its first byte.

    Attributes:
        stream: The file's bytes.
        size: The size in bytes; None if unknown (pipes, HTTP).
    """

    stream: ByteStream
    size: int | None


class _CompleteStream:
    """A stream that ends with an error if it has fewer bytes than the file had when it was opened."""

    def __init__(self, stream: ByteStream, size: int) -> None:
        self._stream = stream
        self._size = size
        self._read = 0

    def readinto(self, buffer: memoryview, /) -> int:
        count = self._stream.readinto(buffer) or 0
        self._read += count
        if not count and len(buffer) and self._read < self._size:
            what = f"the file was cut while it was read: expected {self._size:,} bytes, got {self._read:,}"
            raise OSError(what)
        return count

    def close(self) -> None:
        self._stream.close()


class _RemoteStream:
    """An fsspec file; every error of its file system becomes an `OSError`."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readinto(self, buffer: memoryview, /) -> int:
        try:
            return self._file.readinto(buffer)
        except Exception as error:  # every fsspec file system raises its own errors
            raise OSError(reason(error)) from error

    def close(self) -> None:
        self._file.close()


def _open_remote(path: str) -> OpenedFile:
    fs, name = open_filesystem(path)
    known = fs.info(name).get("size")
    if "memory" in protocols(fs):  # its file objects are shared, read position included
        return OpenedFile(BytesIO(fs.open(name).getvalue()), known)
    if "http" in protocols(fs):  # block_size=0: a single request, which every server supports
        return OpenedFile(_RemoteStream(fs.open(name, block_size=0)), None)
    stream = _RemoteStream(fs.open(name))
    return OpenedFile(stream if known is None else _CompleteStream(stream, known), known)


def open_stream(path: str) -> OpenedFile:
    """Open a local file, pipe or URL for sequential reading.

    Reading raises `OSError` at the end of a file that was cut since it was opened.

    Raises:
        UsageError: The file cannot be opened.
    """
    with wrap_file_errors(path, "cannot be read", "check the path"):
        local = local_path(path)
        if local is None:
            return _open_remote(path)
        file = local.open("rb", buffering=0)
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            return OpenedFile(file, None)
        return OpenedFile(_CompleteStream(file, status.st_size), status.st_size)


class _InputFile(RawIOBase):
    """A stream with the interface of a Python file; closing it closes the file that it decompresses, too."""

    def __init__(self, stream: Any, compressed: BinaryIO | None = None) -> None:
        super().__init__()
        self._stream = stream
        self._compressed = compressed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        return self._stream.readinto(memoryview(buffer).cast("B")) or 0

    def close(self) -> None:
        self._stream.close()
        if self._compressed is not None:
            self._compressed.close()
        super().close()


def open_decompressed(path: str) -> BinaryIO:
    """Open a local file, pipe or URL for sequential reading; decompress .gz, .tgz, .bz2 and .zst.

    Reading raises one of `READ_ERRORS` if the file is truncated, corrupt or cannot be read.

    Raises:
        UsageError: The file cannot be opened.
    """
    return decompress(BufferedReader(_InputFile(open_stream(path).stream), _BUFFER), path)


def decompress(file: BinaryIO, name: str) -> BinaryIO:
    """Return the decompressed bytes of a file that is called `name`; itself if the name has another ending.

    Reading raises one of `READ_ERRORS`, as after `open_decompressed`.
    """
    if name.endswith((".gz", ".tgz")):
        return BufferedReader(_InputFile(gzip.GzipFile(fileobj=file), file), _BUFFER)
    if name.endswith(".bz2"):
        return BufferedReader(_InputFile(bz2.BZ2File(file), file), _BUFFER)
    if name.endswith(".zst"):
        import pyarrow as pa  # takes 0.1 s to import; paths and locks do not need it

        return BufferedReader(_InputFile(pa.CompressedInputStream(file, "zstd"), file), _BUFFER)
    return file


class _RemoteFile(RawIOBase):
    """An fsspec file for random access; every error of its file system becomes an `OSError`."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any, /) -> int:
        try:
            return self._file.readinto(buffer)
        except Exception as error:  # every fsspec file system raises its own errors
            raise OSError(reason(error)) from error

    def close(self) -> None:
        self._file.close()
        super().close()


def open_random_access(path: str) -> BinaryIO:
    """Open a local file or URL for random access; reading raises `OSError` whatever the file system.

    Raises:
        UsageError: The file cannot be opened, or its file system reads forwards only.
    """
    local = local_path(path)
    with wrap_file_errors(path, "cannot be read", "check the path"):
        if local is not None:
            return local.open("rb")
        fs, name = open_filesystem(path)
        if "memory" in protocols(fs):  # its file objects are shared, read position included
            return BytesIO(fs.open(name).getvalue())
        file = fs.open(name)
        if not file.seekable():
            raise UsageError(
                "the server does not support random access", path=path, hint="download the file first"
            )
        return cast("BinaryIO", _RemoteFile(file))
