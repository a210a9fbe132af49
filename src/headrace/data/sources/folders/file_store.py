"""The contents of listed files: read from a folder, many at once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace import _native
from headrace._native import FileFault
from headrace.data.identity import content_digest
from headrace.data.sources.folders.file_list import FileList
from headrace.errors import HeadraceError, UsageError

__all__ = ["FileLimit", "FileStore", "FolderStore", "too_many_bytes_error"]


@dataclass(frozen=True)
class FileLimit:
    """The largest file, in bytes, and the error for a larger one."""

    size: int
    what: str
    hint: str

    def error(self, path: str) -> UsageError:
        """Create the error of a file that is too large."""
        return UsageError(self.what, path=path, hint=self.hint)


class FileStore(Protocol):
    """The contents of the files of a list; threads may share it."""

    @property
    def files(self) -> FileList:
        """The files."""
        ...

    def read(self, rows: NDArray[np.int64], enough: int) -> pa.Array:
        """Read files, int64 [n], in this order; none behind those that have `enough` bytes together.

        Returns:
            The contents of at most n files, binary.

        Raises:
            UsageError: A file cannot be read, or exceeds the limit.
        """
        ...

    def find_sizes(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the sizes of files in bytes, as far as is known without reading them, int64 [n]."""
        ...

    def identify(self, rows: NDArray[np.int64]) -> str:
        """Return a digest that changes with the sizes and contents of these files; see `content_digest`."""
        ...


@dataclass(frozen=True)
class FolderStore:
    """Files in a folder.

    Attributes:
        files: The files.
        limit: The largest file.
    """

    files: FileList
    limit: FileLimit

    def read(self, rows: NDArray[np.int64], enough: int) -> pa.Array:
        """See `FileStore.read`."""
        _, offsets, names = self.files.find_paths(rows).buffers()
        starts, contents, fault, number = _native.read_files(
            os.fsencode(self.files.root),
            np.frombuffer(offsets, np.int32)[: len(rows) + 1],
            np.frombuffer(names, np.uint8),
            self.limit.size,
            enough,
        )
        count = len(starts) - 1
        if fault != FileFault.NONE:
            raise self._error(int(rows[count]), fault, number)
        return pa.Array.from_buffers(pa.binary(), count, [None, pa.py_buffer(starts), pa.py_buffer(contents)])

    def _error(self, row: int, fault: FileFault, number: int) -> HeadraceError:
        path = self.files.describe(row)
        if fault == FileFault.TOO_LARGE:
            return self.limit.error(path)
        if fault == FileFault.OVERFLOW:
            return UsageError(
                "the files hold more than 2 GiB together", path=path, hint="read fewer at a time"
            )
        return UsageError(f"cannot read the file: {os.strerror(number)}", path=path, hint="check the file")

    def find_sizes(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """See `FileStore.find_sizes`; 0 for files that no longer exist."""
        return np.array([0 if status is None else status.st_size for status in self._stat(rows)], np.int64)

    def identify(self, rows: NDArray[np.int64]) -> str:
        """See `FileStore.identify`."""
        names = self.files.find_paths(rows).to_pylist()
        return content_digest([f"{self.files.root}/{name}" for name in names], names).hex()

    def _stat(self, rows: NDArray[np.int64]) -> list[os.stat_result | None]:
        return [_stat(f"{self.files.root}/{path}") for path in self.files.find_paths(rows).to_pylist()]


def too_many_bytes_error(path: str) -> UsageError:
    """Create the error of files that do not fit into one batch."""
    return UsageError("the files hold more than 2 GiB together", path=path, hint="read fewer at a time")


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - a Path per file is slow
    except OSError:
        return None
