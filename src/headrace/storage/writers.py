"""Where an atomic file is written to: a local file, a pipe or device, a URL; and how it reaches the disk."""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from headrace.storage.filesystem import local_path, open_filesystem
from headrace.storage.temporary import keep_at_exit, new_temporary_file, sweep_target

__all__ = [
    "LocalWriter",
    "RemoteWriter",
    "StreamWriter",
    "Writer",
    "is_stream",
    "open_writer",
    "sync_files",
    "sync_folder",
]

_THREADS = 8
_LARGE = 32 << 20  # bytes


class Writer(Protocol):
    """A new file that does not have its name yet."""

    def write(self, data: Any, /) -> object:
        """Append bytes."""
        ...

    def finish(self) -> None:
        """Write out what is buffered."""
        ...

    def commit(self) -> None:
        """Give the file its name."""
        ...

    def discard(self) -> None:
        """Delete the file."""
        ...


class LocalWriter:
    """A temporary file that is renamed to its target.

    Args:
        target: The final path, links resolved.
        sync: Whether the file and its folder are written to disk when it is committed.

    Raises:
        OSError: The file cannot be created.
    """

    def __init__(self, target: Path, *, sync: bool = True) -> None:
        self.target = target
        self._sync = sync
        self.temporary, descriptor = new_temporary_file(target)
        self._file = os.fdopen(descriptor, "wb")
        self.write = self._file.write

    def finish(self) -> None:
        """Write out what is buffered, to disk if `sync`."""
        self._file.flush()
        if self._sync:
            os.fsync(self._file.fileno())

    def commit(self) -> None:
        """Rename the file to its target."""
        self.temporary.replace(self.target)
        keep_at_exit([self.temporary])
        self._file.close()
        if self._sync:
            sync_folder(self.target.parent)

    def fileno(self) -> int:
        """Return the descriptor of the open file."""
        return self._file.fileno()

    def release(self) -> None:
        """Close the file, which somebody else has renamed."""
        self._file.close()

    def discard(self) -> None:
        """Delete the temporary file."""
        self.temporary.unlink(missing_ok=True)
        keep_at_exit([self.temporary])
        with contextlib.suppress(OSError):  # what is buffered does not matter any more
            self._file.close()


class StreamWriter:
    """A pipe or device, written to directly."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self.write = self._file.write

    def finish(self) -> None:
        """Write out what is buffered, and close the stream."""
        self._file.close()

    def commit(self) -> None:
        """Do nothing: the data have been sent."""

    def discard(self) -> None:
        """Close the stream; what was sent cannot be taken back."""
        with contextlib.suppress(OSError):  # the reader has gone
            self._file.close()


class RemoteWriter:
    """A file in an fsspec transaction, of a file-system object that nothing else uses meanwhile."""

    def __init__(self, path: str) -> None:
        self._fs, name = open_filesystem(path, private=True)
        self._fs.start_transaction()
        self._file: Any = self._fs.open(name, "wb")
        self.write = self._file.write

    def finish(self) -> None:
        """Write out what is buffered."""
        self._file.close()

    def commit(self) -> None:
        """End the transaction."""
        self._fs.end_transaction()

    def discard(self) -> None:
        """Abort the transaction."""
        self._file.close()
        self._fs.transaction.complete(commit=False)


def is_stream(path: Path) -> bool:
    """Return whether a local path is a pipe, a device or an open descriptor (`/dev/stdout`)."""
    if str(path).startswith(("/dev/std", "/dev/fd/", "/proc/")):
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def open_writer(path: str, *, sync: bool = True, swept: Path | None = None) -> Writer:
    """Open the writer that a path or URL needs.

    Leftovers of killed writers of the same local file are deleted first.

    Args:
        path: A local path, whose links are followed, or a URL.
        sync: Whether a local file is written to disk when it is committed.
        swept: The folder of a local path, links resolved, if the leftovers in it have been deleted.

    Raises:
        OSError: The file cannot be created.
        UsageError: Unknown protocol.
    """
    local = local_path(path)
    if local is None:
        return RemoteWriter(path)
    if is_stream(local):
        return StreamWriter(local)
    if swept is not None and not local.is_symlink():
        return LocalWriter(swept / local.name, sync=sync)
    target = Path(os.path.realpath(local))
    sweep_target(target)
    return LocalWriter(target, sync=sync)


def sync_files(descriptors: Sequence[int]) -> None:
    """Write the data of open files to disk.

    A large set on one file system is written by one `syncfs`: the kernel's own threads write it, where
    `fdatasync` lets the caller do the work, up to a fifth of the CPU time of writing records. Other files of
    the file system are written, too. A small set is written file by file, several at a time: the file system
    can group them.

    Raises:
        OSError: The data cannot be written, for lack of space for example.
    """
    statuses = [os.fstat(descriptor) for descriptor in descriptors]
    call = _find_syncfs()
    is_large = sum(status.st_size for status in statuses) >= _LARGE
    if call is not None and is_large and len({status.st_dev for status in statuses}) == 1:
        if call(descriptors[0]) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        return
    fdatasync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync
    with ThreadPoolExecutor(max(1, min(_THREADS, len(descriptors)))) as pool:
        for _ in pool.map(fdatasync, descriptors):
            pass


@cache
def _find_syncfs() -> Callable[[int], int] | None:
    """Return `syncfs` of Linux's C library, which reports write errors since Linux 5.8; elsewhere None."""
    try:
        function = ctypes.CDLL(None, use_errno=True).syncfs
    except (AttributeError, OSError, TypeError):
        return None
    function.argtypes, function.restype = [ctypes.c_int], ctypes.c_int
    return function


def sync_folder(folder: Path) -> None:
    """Write a folder's entries to disk, where the file system can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # some network file systems refuse
    finally:
        os.close(descriptor)
