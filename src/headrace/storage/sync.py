"""Write files and folders to disk."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

__all__ = ["sync_files", "sync_folder"]

_THREADS = 8
_LARGE = 32 << 20  # bytes


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
