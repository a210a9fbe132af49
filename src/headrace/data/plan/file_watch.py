"""Notice that the files of a source change after rows have been read from them."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Sequence
from typing import Any, NamedTuple, TypeVar

from headrace.data.plan.row_order import RowOrder
from headrace.data.plan.row_reader import RowReader
from headrace.errors import UsageError
from headrace.storage import local_path

__all__ = ["FileWatch"]

_MOST = 256  # files that are looked at, of more at equal distances
_NAME = "_file_watch"  # in the attributes of a source

T = TypeVar("T")


class _Stamp(NamedTuple):
    """What a file was at a moment.

    Attributes:
        version: Its size, in bytes, and time of modification, in nanoseconds.
        place: Its device and inode, which a network's file system may change for the same file.
    """

    version: tuple[int, int]
    place: tuple[int, int]


class FileWatch:
    """The sizes and times of modification of local files when they were first read.

    Rows of a file that is written anew in the middle of an epoch, or between two epochs, would be a mixture.
    Of more than 256 files, 256 are watched. Pipes, and files that are deleted, are not compared.

    Args:
        files: Paths or URLs; URLs are not watched.
        reopens: Whether a file is opened several times in an epoch.
    """

    def __init__(self, files: Sequence[str], *, reopens: bool = False) -> None:
        self._reopens = reopens
        local = [path for path in files if local_path(path) is not None]
        self._files = local[:: max(1, -(-len(local) // _MOST))]
        self._first: list[_Stamp | None] | None = None

    @classmethod
    def of(cls, source: Any) -> FileWatch:
        """Return the watch of the files of a source, the same one for all pipelines of the source."""
        known: dict[str, Any] = getattr(source, "__dict__", {})
        if _NAME not in known:
            files = getattr(source, "files", ())
            is_named = isinstance(files, tuple) and all(isinstance(each, str) for each in files)
            known[_NAME] = cls(files if is_named else (), reopens=getattr(source, "reopens_files", False))
        return known[_NAME]

    def check(self, *, accepts_replaced: bool = False) -> None:
        """Note what the files are when this is first called; later compare them.

        Args:
            accepts_replaced: Whether the only file may be another one of its name: the open one is kept.

        Raises:
            UsageError: A file has changed.
        """
        found = [_read_stamp(path) for path in self._files]
        if self._first is None:
            self._first = found
        for path, before, now in zip(self._files, self._first, found, strict=True):
            if before is None or now is None or before.version == now.version:
                continue
            if accepts_replaced and len(found) == 1 and before.place != now.place:
                continue
            what = "the file has changed since its first rows were read"
            raise UsageError(what, path=path, hint="open the dataset again, and start the epoch again")

    def around(self, steps: Generator[T], reader: RowReader | None, order: RowOrder | None) -> Generator[T]:
        """Compare the files at the start and the end of a stream, unless rows are taken from memory.

        Raises:
            UsageError: A file has changed.
        """
        is_scan = order is None or order.start is not None
        if reader is not None and reader.in_memory and not is_scan:
            return steps
        self.check()
        return self._compare_at_end(steps)

    def _compare_at_end(self, steps: Generator[T]) -> Generator[T]:
        yield from steps
        self.check(accepts_replaced=not self._reopens)


def _read_stamp(path: str) -> _Stamp | None:
    try:
        found = os.stat(str(local_path(path)))  # noqa: PTH116 - called for each of many files
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return _Stamp((found.st_size, found.st_mtime_ns), (found.st_dev, found.st_ino))
