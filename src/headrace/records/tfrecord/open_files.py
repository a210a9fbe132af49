"""Local files that several threads read at any offset."""

from __future__ import annotations

import os
import resource
from collections.abc import Sequence
from typing import NamedTuple

from headrace.errors import UsageError
from headrace.file_errors import wrap_file_errors

__all__ = ["FileStamp", "OpenFile", "OpenFiles"]

_CHANGED = "open the data again"
_SHARE_OF_LIMIT = 4  # at most a quarter of the files that the process may open
_MOST_OPEN = 512


class FileStamp(NamedTuple):
    """What tells a file from a later one of the same name: size in bytes, time of change in ns, inode."""

    size: int
    time: int
    inode: int


class OpenFile:
    """An open file, closed when the last reference to it is dropped.

    Attributes:
        descriptor: The file's descriptor; do not change its position.
        stamp: The stamp of the file.
    """

    def __init__(self, path: str) -> None:
        with wrap_file_errors(path, "cannot be read", "check the path"):
            self.descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        status = os.fstat(self.descriptor)
        self.stamp = FileStamp(status.st_size, status.st_mtime_ns, status.st_ino)

    def __del__(self) -> None:
        descriptor = getattr(self, "descriptor", None)
        if descriptor is not None:
            os.close(descriptor)


class OpenFiles:
    """A pool of open files; those opened first are closed if there are too many. Threads may share it.

    Args:
        paths: The local files.
        stamps: The stamp that each file must have when it is opened.
    """

    def __init__(self, paths: Sequence[str], stamps: Sequence[FileStamp]) -> None:
        self._paths = paths
        self._stamps = stamps
        self._files: dict[int, OpenFile] = {}
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        allowed = _MOST_OPEN if soft == resource.RLIM_INFINITY else soft // _SHARE_OF_LIMIT
        self.capacity = max(1, min(_MOST_OPEN, allowed))

    def open(self, numbers: Sequence[int]) -> list[OpenFile]:
        """Open files by number; they stay open as long as the caller refers to them.

        Raises:
            UsageError: A file cannot be opened, or is not the one that was stamped.
        """
        return [self._files.get(number) or self._open(number) for number in numbers]

    def _open(self, number: int) -> OpenFile:
        file = OpenFile(self._paths[number])
        if file.stamp != self._stamps[number]:
            what = "has changed since its records were counted"
            raise UsageError(what, path=self._paths[number], hint=_CHANGED)
        self._files[number] = file  # if two threads open it, one of the two is closed after its use
        for oldest in list(self._files)[: -self.capacity]:
            self._files.pop(oldest, None)
        return file
