"""File access: local files through the operating system, URLs (`memory://`, `http://`, ...) through fsspec.

`file://` URLs are local files. Local files are never mapped into memory: a file truncated while it is read
raises an error instead of crashing the process.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from io import BytesIO, FileIO
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from headrace.errors import HeadraceError, UsageError
from headrace.extras import require

__all__ = [
    "ByteStream",
    "OpenedFile",
    "directory_exists",
    "file_exists",
    "file_size",
    "file_stamp",
    "glob_paths",
    "local_path",
    "open_filesystem",
    "open_local",
    "open_stream",
    "read_bytes",
    "wrap_file_errors",
]

PATIENCE = 60  # seconds without a byte from an HTTP server
_PACKAGES = {
    "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs",
    "http": "'headrace[remote]'", "https": "'headrace[remote]'",
    "abfs": "adlfs", "az": "adlfs", "hf": "huggingface_hub", "sftp": "paramiko", "smb": "smbprotocol",
}  # fmt: skip


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


class _RemoteStream:
    """An fsspec file; every error of its file system becomes an `OSError`."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readinto(self, buffer: memoryview, /) -> int:
        try:
            return self._file.readinto(buffer)
        except Exception as error:  # every fsspec file system raises its own errors
            raise OSError(_reason(error)) from error

    def close(self) -> None:
        self._file.close()


def local_path(path: str) -> Path | None:
    """Return the local path, or None if `path` is a URL of another file system.

    >>> local_path("file:///data/a.tfrecord"), local_path("s3://bucket/a.tfrecord")
    (PosixPath('/data/a.tfrecord'), None)
    """
    for prefix in ("file://", "local://"):
        path = path.removeprefix(prefix)
    return None if "://" in path else Path(path)


def _reason(error: Exception) -> str:
    strerror = error.strerror if isinstance(error, OSError) else None
    return strerror or str(error) or type(error).__name__


@contextmanager
def wrap_file_errors(path: str, what: str, hint: str) -> Generator[None]:
    """Convert any file-system error into a `UsageError` that names the file.

    Args:
        path: The file concerned.
        what: The message, such as "cannot be read"; the reason is appended.
        hint: What the user can do about it.
    """
    try:
        yield
    except HeadraceError:
        raise
    except FileNotFoundError as error:
        raise UsageError(f"{what}: No such file or directory", path=path, hint=hint) from error
    except Exception as error:  # every fsspec file system raises its own errors
        raise UsageError(f"{what}: {_reason(error)}", path=path, hint=hint) from error


def open_filesystem(path: str, *, private: bool = False) -> tuple[Any, str]:
    """Return the fsspec file system of a URL and the file's name in it.

    Args:
        path: The URL.
        private: Create a new file-system object instead of the shared, cached one.

    Raises:
        DependencyError: fsspec is not installed.
        UsageError: Unknown protocol, or its package is not installed.
    """
    protocol = path.split("://")[0].split("::")[-1]
    require("fsspec", extra="remote", purpose=f"{protocol}://")
    import fsspec

    try:
        options = _http_options() if protocol in ("http", "https") else {}
        fs, name = fsspec.url_to_fs(path, skip_instance_cache=private, **options)
    except ImportError as error:
        package = _PACKAGES.get(protocol)
        hint = f"pip install {package}" if package else str(error)
        raise UsageError(
            f"{protocol}:// needs a package that is not installed", path=path, hint=hint
        ) from error
    except Exception as error:
        hint = "give a local path or a URL that fsspec knows"
        raise UsageError(f"cannot be used: {_reason(error)}", path=path, hint=hint) from error
    return fs, name


def _http_options() -> dict[str, Any]:
    """No limit on the total time, but a limit on silence: files may be large, servers may hang."""
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=None, sock_connect=PATIENCE, sock_read=PATIENCE)
    return {"client_kwargs": {"timeout": timeout}}


def _protocols(fs: Any) -> tuple[str, ...]:
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)


def _open_remote(path: str) -> OpenedFile:
    fs, name = open_filesystem(path)
    known = fs.info(name).get("size")
    if "memory" in _protocols(fs):  # its file objects are shared, read position included
        return OpenedFile(BytesIO(fs.open(name).getvalue()), known)
    if "http" in _protocols(fs):  # block_size=0: a single request, which every server supports
        return OpenedFile(_RemoteStream(fs.open(name, block_size=0)), None)
    return OpenedFile(_RemoteStream(fs.open(name)), known)


def open_stream(path: str) -> OpenedFile:
    """Open a local file, pipe or URL for sequential reading.

    Raises:
        UsageError: The file cannot be opened.
    """
    with wrap_file_errors(path, "cannot be read", "check the path"):
        local = local_path(path)
        if local is None:
            return _open_remote(path)
        file = local.open("rb", buffering=0)
        status = os.fstat(file.fileno())
        return OpenedFile(file, status.st_size if stat.S_ISREG(status.st_mode) else None)


def open_local(path: str) -> FileIO | None:
    """Open a regular local file for random access; return None for pipes, devices and URLs.

    Raises:
        UsageError: The file cannot be opened.
    """
    local = local_path(path)
    with wrap_file_errors(path, "cannot be read", "check the path"):
        return local.open("rb", buffering=0) if local is not None and local.is_file() else None


def read_bytes(path: str) -> bytes:
    """Read a whole (small) file.

    Raises:
        UsageError: The file cannot be read.
    """
    with wrap_file_errors(path, "cannot be read", "check the path"):
        local = local_path(path)
        if local is not None:
            return local.read_bytes()
        fs, name = open_filesystem(path)
        return bytes(fs.cat_file(name))


def file_size(path: str) -> int | None:
    """Return the file's size in bytes, or None if its file system does not report sizes.

    Raises:
        UsageError: The file does not exist.
    """
    with wrap_file_errors(path, "cannot be read", "check the path"):
        local = local_path(path)
        if local is not None:
            return local.stat().st_size
        fs, name = open_filesystem(path)
        return fs.info(name).get("size")


def file_stamp(path: str) -> str:
    """Return a text that changes with the file's content: size and modification time, or the URL's ETag.

    Raises:
        UsageError: The file does not exist.
    """
    with wrap_file_errors(path, "cannot be read", "check the path"):
        local = local_path(path)
        if local is not None:
            status = local.stat()
            return f"{status.st_size} bytes at {status.st_mtime_ns}"
        fs, name = open_filesystem(path)
        return str(fs.ukey(name))


def file_exists(path: str) -> bool:
    """Return whether `path` is an existing regular file.

    Raises:
        UsageError: The file system does not answer.
    """
    local = local_path(path)
    if local is not None:
        return local.is_file()
    with wrap_file_errors(path, "cannot be looked up", "check the URL"):
        fs, name = open_filesystem(path)
        return bool(fs.isfile(name))


def directory_exists(path: str) -> bool:
    """Return whether `path` is an existing directory.

    Raises:
        UsageError: The file system does not answer.
    """
    local = local_path(path)
    if local is not None:
        return local.is_dir()
    with wrap_file_errors(path, "cannot be looked up", "check the URL"):
        fs, name = open_filesystem(path)
        return "http" not in _protocols(fs) and bool(fs.isdir(name))


def glob_paths(pattern: str) -> list[str]:
    """Return the sorted paths that match a pattern of `*`, `**`, `?` and `[...]`; `*` skips hidden files.

    Raises:
        UsageError: The file system does not answer, or the pattern is in a chain of URLs.
    """
    local = local_path(pattern)
    if local is not None:
        return sorted(glob.glob(str(local), recursive=True))  # noqa: PTH207 - the pattern may be absolute
    if "::" in pattern:
        raise UsageError("a pattern in a chain of URLs", path=pattern, hint="name the files")
    with wrap_file_errors(pattern, "cannot be searched", "name the files"):
        fs, name = open_filesystem(pattern)
        return sorted(fs.unstrip_protocol(found) for found in map(str, fs.glob(name)))
