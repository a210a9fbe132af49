"""The files of class folders, by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace import arrow_compute as pc
from headrace.cached_property import cached_property
from headrace.data.fingerprint import fingerprint
from headrace.errors import UsageError

__all__ = ["FileList"]


@dataclass(frozen=True)
class FileList:
    """Files numbered from 0: sorted by class, then folder, then name.

    Attributes:
        root: The folder or archive that holds the class folders.
        folders: The class folders and those below them, relative to the root.
        depth: The number of folders above a class folder.
        first_rows: The number of the first file of each folder, and the number of files, int64 [folders + 1].
        names: The name of each file in its folder, string [files].
    """

    root: str
    folders: tuple[str, ...]
    depth: int
    first_rows: NDArray[np.int64]
    names: pa.Array

    @classmethod
    def from_folders(cls, root: str, files: Mapping[str, Sequence[str]], depth: int = 0) -> FileList:
        """Create a list from the sorted names of the files in each folder.

        Args:
            root: The folder or archive.
            files: The names by folder.
            depth: The number of folders above a class folder.

        Raises:
            UsageError: A name is not valid Unicode.
        """
        folders = sorted(files, key=lambda folder: (folder.split("/")[depth], folder))
        counts = [len(files[folder]) for folder in folders]
        try:
            names = pa.array([name for folder in folders for name in files[folder]], pa.string())
            pa.array(folders, pa.string())
        except UnicodeEncodeError as error:
            folder = next((folder for folder in folders if error.object in files[folder]), "")
            what = f"expected names in UTF-8, got {error.object!r}{f' in {folder!r}' if folder else ''}"
            raise UsageError(what, path=root, hint="rename the file or folder") from error
        return cls(root, tuple(folders), depth, np.cumsum([0, *counts], dtype=np.int64), names)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, sorted."""
        return tuple(dict.fromkeys(map(self._class_name, self.folders)))

    def find_labels(self, rows: NDArray[np.int64]) -> pa.Array:
        """Return the names of the classes of files, string [n]."""
        return self._labels.take(pa.array(self._find_folders(rows)))

    def find_names(self, rows: NDArray[np.int64]) -> pa.Array:
        """Return the names of files in their class folders, string [n]: `a.png`, or `below/a.png`."""
        names = self.names.take(pa.array(rows))
        if not any(self._inner):
            return names
        inner = pa.array(self._inner, pa.string()).take(pa.array(self._find_folders(rows)))
        return pc.call_function("binary_join_element_wise", [inner, names, ""])

    def find_paths(self, rows: NDArray[np.int64]) -> pa.Array:
        """Return the paths of files, relative to the root, string [n]."""
        folders = self._folder_column.take(pa.array(self._find_folders(rows)))
        return pc.call_function("binary_join_element_wise", [folders, self.names.take(pa.array(rows)), "/"])

    def describe(self, row: int) -> str:
        """Return the path of a file, root included."""
        return f"{self.root}/{self.find_paths(np.array([row]))[0].as_py()}"

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the names of all files and folders."""
        counts = np.diff(self.first_rows).tolist()
        folders = [f"{folder}:{count}" for folder, count in zip(self.folders, counts, strict=True)]
        return fingerprint(*folders, *(memoryview(each).tobytes() for each in self.names.buffers()[1:]))

    def _find_folders(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.searchsorted(self.first_rows, rows, "right") - 1

    @cached_property
    def _folder_column(self) -> pa.Array:
        return pa.array(self.folders, pa.string())

    @cached_property
    def _labels(self) -> pa.Array:
        return pa.array(list(map(self._class_name, self.folders)), pa.string())

    @cached_property
    def _inner(self) -> list[str]:
        """The part of each folder below its class folder, with a slash behind it; may be empty."""
        parts = (folder.split("/")[self.depth + 1 :] for folder in self.folders)
        return ["".join(f"{part}/" for part in each) for each in parts]

    def _class_name(self, folder: str) -> str:
        return folder.split("/")[self.depth]
