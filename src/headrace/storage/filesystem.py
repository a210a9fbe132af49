"""The one door to files: local ones by the operating system, URLs (`memory://`, `http://`, ...) by fsspec.

`file://` URLs are local files. A local file is never mapped into memory, so that one that is cut while it is
read is an error and not a crash.
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

from headrace.errors import UsageError

__all__ = [
    "ByteStream",
    "Opened",
    "exists",
    "filesystem",
    "is_directory",
    "local_path",
    "matches",
    "open_regular",
    "open_to_read",
    "read_bytes",
    "refusals",
    "size",
    "stamp",
]

PATIENCE = 60  # seconds without a byte from an HTTP server
_PACKAGES = {
    "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "http": "aiohttp", "https": "aiohttp",
    "abfs": "adlfs", "az": "adlfs", "hf": "huggingface_hub", "sftp": "paramiko", "smb": "smbprotocol",
}  # fmt: skip


class ByteStream(Protocol):
    """Bytes that are read once, from the first to the last."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Puts the next bytes into `buffer`; how many, 0 only at the end.

        Raises:
            OSError: They cannot be read.
        """
        ...

    def close(self) -> None:
        """No more is wanted."""
        ...


class Opened(NamedTuple):
    """A file at its first byte, and its size if that is known."""

    stream: ByteStream
    size: int | None


class _RemoteStream:
    """A file of fsspec's; whatever its file system raises is an `OSError`."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readinto(self, buffer: memoryview, /) -> int:
        try:
            return self._file.readinto(buffer)
        except Exception as error:  # each file system has errors of its own
            raise OSError(_reason(error)) from error

    def close(self) -> None:
        self._file.close()


def local_path(path: str) -> Path | None:
    """The local file meant, None if it is not a local one.

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
def refusals(path: str, what: str, hint: str) -> Generator[None]:
    """Turns whatever a file system raises into a `UsageError` that names the file."""
    try:
        yield
    except UsageError:
        raise
    except FileNotFoundError as error:
        raise UsageError(f"{what}: No such file or directory", path=path, hint=hint) from error
    except Exception as error:  # each file system has errors of its own
        raise UsageError(f"{what}: {_reason(error)}", path=path, hint=hint) from error


def filesystem(path: str, *, private: bool = False) -> tuple[Any, str]:
    """The file system of a URL and the file's name in it; a `private` one is nobody else's.

    Raises:
        UsageError: There is no such file system, or its package is missing.
    """
    import fsspec

    protocol = path.split("://")[0].split("::")[-1]
    try:
        options = _http_options() if protocol in ("http", "https") else {}
        fs, name = fsspec.url_to_fs(path, skip_instance_cache=private, **options)
    except ImportError as error:
        package = _PACKAGES.get(protocol)
        hint = f"pip install {package}" if package else str(error)
        raise UsageError(f"{protocol}:// needs a package that is missing", path=path, hint=hint) from error
    except Exception as error:
        hint = "give a local path or a URL that fsspec knows"
        raise UsageError(f"cannot be used: {_reason(error)}", path=path, hint=hint) from error
    return fs, name


def _http_options() -> dict[str, Any]:
    """As long a file as one likes, but no server that falls silent."""
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=None, sock_connect=PATIENCE, sock_read=PATIENCE)
    return {"client_kwargs": {"timeout": timeout}}


def _protocols(fs: Any) -> tuple[str, ...]:
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)


def _open_remote(path: str) -> Opened:
    fs, name = filesystem(path)
    known = fs.info(name).get("size")
    if "memory" in _protocols(fs):  # its files are shared, position and all
        return Opened(BytesIO(fs.open(name).getvalue()), known)
    if "http" in _protocols(fs):  # block_size=0: one request, which every server can answer
        return Opened(_RemoteStream(fs.open(name, block_size=0)), None)
    return Opened(_RemoteStream(fs.open(name)), known)


def open_to_read(path: str) -> Opened:
    """The file's bytes.

    Raises:
        UsageError: The file cannot be opened.
    """
    with refusals(path, "cannot be read", "check the path"):
        local = local_path(path)
        if local is None:
            return _open_remote(path)
        file = local.open("rb", buffering=0)
        status = os.fstat(file.fileno())
        return Opened(file, status.st_size if stat.S_ISREG(status.st_mode) else None)


def open_regular(path: str) -> FileIO | None:
    """A local file whose bytes can be read in any order; None if it is a pipe, or at a URL.

    Raises:
        UsageError: The file cannot be opened.
    """
    local = local_path(path)
    with refusals(path, "cannot be read", "check the path"):
        return local.open("rb", buffering=0) if local is not None and local.is_file() else None


def read_bytes(path: str) -> bytes:
    """A small file as a whole.

    Raises:
        UsageError: The file cannot be read.
    """
    with refusals(path, "cannot be read", "check the path"):
        local = local_path(path)
        if local is not None:
            return local.read_bytes()
        fs, name = filesystem(path)
        return bytes(fs.cat_file(name))


def size(path: str) -> int | None:
    """The file's size in bytes; None if its file system does not say.

    Raises:
        UsageError: There is no such file.
    """
    with refusals(path, "cannot be read", "check the path"):
        local = local_path(path)
        if local is not None:
            return local.stat().st_size
        fs, name = filesystem(path)
        return fs.info(name).get("size")


def stamp(path: str) -> str:
    """What changes when the file's content does: its size and time of change, or what its file system has.

    Raises:
        UsageError: There is no such file.
    """
    with refusals(path, "cannot be read", "check the path"):
        local = local_path(path)
        if local is not None:
            status = local.stat()
            return f"{status.st_size} bytes at {status.st_mtime_ns}"
        fs, name = filesystem(path)
        return str(fs.ukey(name))


def exists(path: str) -> bool:
    """Whether there is such a file, and no directory.

    Raises:
        UsageError: The file system cannot be asked.
    """
    local = local_path(path)
    if local is not None:
        return local.is_file()
    with refusals(path, "cannot be looked up", "check the URL"):
        fs, name = filesystem(path)
        return bool(fs.isfile(name))


def is_directory(path: str) -> bool:
    """Whether there is such a directory.

    Raises:
        UsageError: The file system cannot be asked.
    """
    local = local_path(path)
    if local is not None:
        return local.is_dir()
    with refusals(path, "cannot be looked up", "check the URL"):
        fs, name = filesystem(path)
        return "http" not in _protocols(fs) and bool(fs.isdir(name))


def matches(pattern: str) -> list[str]:
    """The names that match a pattern of `*`, `?` and `[...]`, sorted.

    Raises:
        UsageError: The file system cannot be asked, or a pattern in a chain of URLs.
    """
    local = local_path(pattern)
    if local is not None:
        return sorted(glob.glob(str(local)))  # noqa: PTH207 - the pattern may be absolute
    if "::" in pattern:
        raise UsageError("a pattern in a chain of URLs", path=pattern, hint="name the files")
    with refusals(pattern, "cannot be searched", "name the files"):
        fs, name = filesystem(pattern)
        return sorted(fs.unstrip_protocol(found) for found in map(str, fs.glob(name)))
