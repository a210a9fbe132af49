"""File systems: local paths through the operating system, URLs (`memory://`, `http://`, ...) through fsspec.

`file://` URLs are local files, and a leading `~` is the home folder.
"""

from __future__ import annotations

import glob
import os
import re
from functools import lru_cache
from io import FileIO
from pathlib import Path
from typing import Any

from headrace.errors import UsageError
from headrace.extras import require
from headrace.file_errors import reason, wrap_file_errors

__all__ = [
    "directory_exists",
    "expand_home",
    "file_exists",
    "file_size",
    "file_stamp",
    "glob_paths",
    "is_utf8",
    "local_path",
    "local_target",
    "make_folder",
    "open_filesystem",
    "open_local",
    "protocols",
    "read_bytes",
]

PATIENCE = 60  # seconds without a byte from an HTTP server
_MAX_NAME, _MAX_PATH = 255, 4095  # bytes, on Linux and macOS
_PACKAGES = {
    "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs",
    "http": "'headrace[remote]'", "https": "'headrace[remote]'",
    "abfs": "adlfs", "az": "adlfs", "hf": "huggingface_hub", "sftp": "paramiko", "smb": "smbprotocol",
}  # fmt: skip
_PROTOCOLS = (
    *_PACKAGES,
    *("s3n", "abfss", "adl", "wasb", "wasbs", "hdfs", "webhdfs", "viewfs", "dbfs", "oci", "oss"),
    *("ftp", "ssh", "memory"),
)  # fmt: skip
_LOCAL_URL = re.compile(r"(file|local)://(localhost(?=/))?|file:(?=/[^/])")
# What pathlib makes of a URL: it drops a slash.
_CHANGED_URL = re.compile(rf"(?P<protocol>{'|'.join(_PROTOCOLS)}):/(?=[^/])", re.IGNORECASE)


def expand_home(path: str | os.PathLike[str]) -> str:
    """Replace a leading `~` or `~user` by the home folder, as a shell does; a URL is returned unchanged.

    Every path from outside passes here, so that a name that no file system can hold is refused once.

    >>> expand_home("s3://bucket/~a")
    's3://bucket/~a'

    Raises:
        UsageError: `path` is not a path, is empty, is too long, or holds a null byte.
    """
    if not isinstance(path, str | os.PathLike):  # pyright: ignore[reportUnnecessaryIsInstance]
        what = f"expected a path, got {path!r:.60} ({type(path).__name__})"
        raise UsageError(what, hint="pass a string or a pathlib.Path")
    expanded = os.path.expanduser(os.fspath(path))  # noqa: PTH111 - pathlib would normalize URLs
    _check_name(expanded)
    return expanded


def _check_name(path: str) -> None:
    if not path:
        raise UsageError("expected a path, got an empty string", hint="name a file or a folder")
    if "\0" in path:
        raise UsageError("the path holds a null byte", path=path, hint="check the path")
    if len(path) <= _MAX_NAME // 4 or "://" in path:  # a character takes up to four bytes
        return
    longest = max(map(len, os.fsencode(path).split(b"/")))
    if longest > _MAX_NAME or len(os.fsencode(path)) > _MAX_PATH:
        what = f"File name too long: expected at most {_MAX_NAME} bytes a name and {_MAX_PATH:,} in all"
        raise UsageError(what, path=f"{path[:40]}...{path[-40:]}", hint="choose a shorter name")


def is_utf8(path: str) -> bool:
    """Return whether a path's bytes are UTF-8; Python reads others as surrogates, which UTF-8 does not have.

    >>> is_utf8("café.csv"), is_utf8(os.fsdecode(bytes([255])))
    (True, False)
    """
    return not any("\ud800" <= each <= "\udfff" for each in path)


def local_path(path: str) -> Path | None:
    """Return the local path, `~` expanded, or None if `path` is a URL of another file system.

    Raises:
        UsageError: A URL that lost a slash, as in `Path("s3://bucket")`; it would be taken for a local name.

    >>> local_path("file:///data/a.tfrecord"), local_path("s3://bucket/a.tfrecord")
    (PosixPath('/data/a.tfrecord'), None)
    """
    path = _LOCAL_URL.sub("", path, count=1)
    if "://" in path:
        return None
    if changed := _CHANGED_URL.match(path):
        protocol = changed["protocol"]
        what = f"expected {protocol}:// in front of the name, got {protocol}:/, as pathlib writes it"
        raise UsageError(what, path=path, hint="pass the URL as a string, or ./ in front of a local name")
    return _parse(expand_home(path))


_parse = lru_cache(1024)(Path)  # which takes ten times as long


def local_target(path: str | os.PathLike[str]) -> Path:
    """Return the local path of a file or folder that is written, or read, on this machine only.

    Raises:
        UsageError: `path` is a URL of another file system, or not a path.
    """
    given = expand_home(path)
    local = None if _CHANGED_URL.match(given) else local_path(given)
    if local is None:
        hint = "name a local path, and copy between it and the URL with the tools of the URL's file system"
        raise UsageError("expected a local path, got a URL", path=given, hint=hint)
    return local


def make_folder(path: str | os.PathLike[str]) -> Path:
    """Create a local folder, and those above it, unless it exists; return its path.

    Raises:
        UsageError: The folder cannot be created.
    """
    folder = Path(path)
    with wrap_file_errors(str(folder), "the folder cannot be created", "choose another place"):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


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
        raise UsageError(f"cannot be used: {reason(error)}", path=path, hint=hint) from error
    return fs, name


def _http_options() -> dict[str, Any]:
    """No limit on the total time, but a limit on silence: files may be large, servers may hang."""
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=None, sock_connect=PATIENCE, sock_read=PATIENCE)
    return {"client_kwargs": {"timeout": timeout}}


def protocols(fs: Any) -> tuple[str, ...]:
    """List the protocols that an fsspec file system is known by."""
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)


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
    with wrap_file_errors(path, "cannot be looked up", "check the path"):
        local = local_path(path)
        if local is not None:
            return local.is_file()
        fs, name = open_filesystem(path)
        return bool(fs.isfile(name))


def directory_exists(path: str) -> bool:
    """Return whether `path` is an existing directory.

    Raises:
        UsageError: The file system does not answer.
    """
    with wrap_file_errors(path, "cannot be looked up", "check the path"):
        local = local_path(path)
        if local is not None:
            return local.is_dir()
        fs, name = open_filesystem(path)
        return "http" not in protocols(fs) and bool(fs.isdir(name))


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
