"""A lock that one process holds on a folder."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self
from weakref import WeakSet

from headrace.errors import UsageError
from headrace.file_errors import wrap_file_errors
from headrace.storage.temporary import LOCK_NAME, lock

__all__ = ["FolderLock"]


class FolderLock:
    """An exclusive lock on a folder, as a context manager; released when the process dies.

    The lock is an flock on the file `.lock` in the folder, which forked processes do not inherit: after the
    death of its holder they may live on for a moment. The file is deleted at the end, and so are the
    folder and those above it that the lock created and that are still empty.

    Args:
        folder: The folder; created if missing.
        hint: What the user can do if another process holds the lock.
        wait: Wait for another process that holds the lock.

    Raises:
        UsageError: (on entering) Another process holds the lock and `wait` is False, or the folder cannot be
            written to.

    Example:
        >>> import tempfile
        >>> with FolderLock(tempfile.mkdtemp()):
        ...     pass
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        hint: str = "wait until it has finished, or choose another folder",
        *,
        wait: bool = False,
    ) -> None:
        self._path = Path(folder) / LOCK_NAME
        self._hint = hint
        self._wait = wait
        self._created: list[Path] = []
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        folder = str(self._path.parent)
        with wrap_file_errors(folder, "cannot be locked", "choose a folder that can be written to"):
            self._created = [each for each in self._path.parents if not each.exists()]
            self._path.parent.mkdir(parents=True, exist_ok=True)
            while not self._acquire(folder):
                pass
        return self

    def _acquire(self, folder: str) -> bool:
        """Lock the file; return False if its last holder deleted it meanwhile."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        if not lock(descriptor, wait=self._wait):
            os.close(descriptor)
            raise UsageError("another process is writing to this folder", path=folder, hint=self._hint)
        try:
            is_current = os.path.samestat(os.fstat(descriptor), self._path.stat())
        except FileNotFoundError:
            is_current = False
        if is_current:
            self._descriptor = descriptor
            _held.add(self)
        else:
            os.close(descriptor)
        return is_current

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            self._path.unlink(missing_ok=True)
            self._close()
            with contextlib.suppress(OSError):  # a folder holds files
                for folder in self._created:
                    folder.rmdir()

    def _close(self) -> None:
        _held.discard(self)
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @staticmethod
    def close_all() -> None:
        """Close the descriptors of all locks, in a process that was forked from their holder."""
        for held in list(_held):
            held._close()


_held: WeakSet[FolderLock] = WeakSet()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=FolderLock.close_all)
