"""Read image files in one folder per class."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.data.sources.files.select_columns import as_tuple, select_columns
from headrace.data.sources.folders.class_folders import NameRule, find_class_folders
from headrace.data.sources.folders.file_list import FileList
from headrace.data.sources.folders.file_rows import FileRows
from headrace.data.sources.folders.file_store import FileLimit, FileStore, FolderStore
from headrace.data.sources.folders.folder_source import FolderSource
from headrace.data.sources.folders.list_files import FileTree, list_tree
from headrace.data.sources.folders.remote_store import RemoteStore, list_remote_tree
from headrace.errors import SchemaError, UsageError
from headrace.images import NAMES_OF_FORMATS, describe_other, find_unknown_format, has_image_extension
from headrace.storage import directory_exists, expand_home, file_exists, local_path, missing_path_error

__all__ = ["ImageSource"]

_LIMIT = FileLimit(256 << 20, "the image is larger than 256 MiB", "scale it down")
_BATCH_ROWS = 1024  # at most
_SCHEMA = pa.schema(
    [
        pa.field("image", pa.binary(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("filename", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True)
class ImageSource(FolderSource):
    """Columns `image` (encoded bytes), `label` (the folder) and `filename`, sorted by label, then file name.

    Files are `FOLDER/CLASS/NAME`, or lie in folders below CLASS, with the extension of a JPEG, PNG, BMP, GIF,
    WebP, TIFF or AVIF; links are followed. A warning counts and names other files; hidden ones are ignored. A
    file above 256 MiB is an error.

    Attributes:
        path: The folder, a local path or URL.
        columns: The columns to read; None is all. Without `image`, no file is read.
        skip: Files to leave out without a warning: their paths in the folder, such as "cat/1.jpg".
    """

    every_column: ClassVar[pa.Schema] = _SCHEMA

    skip: frozenset[str] = frozenset()

    @classmethod
    def from_folder(
        cls, path: str | os.PathLike[str], columns: Sequence[str] | None = None, skip: Iterable[str] = ()
    ) -> ImageSource:
        """Create a source from the image files in the folders of `path`.

        Raises:
            UsageError: `path` is not a folder, or `skip` is one string.
            SchemaError: A column does not exist.
        """
        if isinstance(skip, str):
            raise UsageError(f"skip: expected a list of paths, got {skip!r}", hint=f"pass [{skip!r}]")
        folder = expand_home(path)
        is_folder = directory_exists(folder)
        if not is_folder and not file_exists(folder):
            raise missing_path_error(folder, "no such folder")
        if not is_folder:
            raise UsageError("not a folder", path=folder, hint="pass a folder with one folder per class")
        select_columns(_SCHEMA, columns, folder)
        return cls(folder, as_tuple(columns), frozenset(skip))

    @property
    def paths(self) -> list[str]:
        """The path of each file in the folder, in the order of the rows."""
        return self._store.files.find_paths(np.arange(self.num_rows)).to_pylist()

    def prune_columns(self, columns: Sequence[str]) -> ImageSource:
        """Return a source that reads these columns, and the names of images: errors name the file."""
        names = [name for name in ("label", "filename") if name in self.schema.names and name not in columns]
        return super().prune_columns([*columns, *names] if "image" in columns else columns)

    def _open_files(self, store: FileStore) -> FileRows:
        reads_images = "image" in self.schema.names
        return FileRows(store, _BatchMaker(store.files, self.schema), _BATCH_ROWS, reads_images)

    def _find_files(self) -> FileStore:
        if local_path(self.path) is None:
            tree = list_remote_tree(self.path)
            listed = self._leave_out(FileTree({folder: list(files) for folder, files in tree.items()}))
            chosen = find_class_folders(self.path, listed, _RULE)
            return RemoteStore.from_tree(self.path, tree, chosen, _LIMIT)
        tree = self._leave_out(list_tree(self.path))
        chosen = find_class_folders(self.path, tree, _RULE)
        return FolderStore(FileList.from_folders(self.path, chosen.folders, chosen.depth), _LIMIT)

    def _leave_out(self, tree: FileTree) -> FileTree:
        """Drop the files to skip.

        Raises:
            UsageError: One of them does not exist.
        """
        unknown = set(self.skip)
        for folder, names in tree.folders.items() if self.skip else ():
            paths = {name: f"{folder}/{name}" if folder else name for name in names}
            unknown.difference_update(paths.values())
            names[:] = [name for name in names if paths[name] not in self.skip]
        if unknown:
            what = f"no such file to skip: {min(unknown)}"
            raise UsageError(what, path=self.path, hint="name it by its path in the folder, CLASS/FILE")
        return tree


def _reject(name: str) -> str | None:
    """Return why a file is not an image by its name; None if it is one."""
    if has_image_extension(name):
        return None
    return f"{PurePath(name).suffix.lower() or 'no extension'}, not an image"


_RULE = NameRule("an image", _reject, has_image_extension)


@dataclass(frozen=True)
class _BatchMaker:
    """Makes a batch of images, whose formats it checks, with their labels and names."""

    files: FileList
    schema: pa.Schema

    def __call__(self, contents: pa.Array, rows: NDArray[np.int64]) -> pa.RecordBatch:
        make = {
            "image": lambda: self._check(contents, rows),
            "label": lambda: self.files.find_labels(rows),
            "filename": lambda: self.files.find_names(rows),
        }
        return pa.RecordBatch.from_arrays([make[name]() for name in self.schema.names], schema=self.schema)

    def _check(self, contents: pa.Array, rows: NDArray[np.int64]) -> pa.Array:
        unknown = find_unknown_format(contents)
        if unknown is not None:
            found = describe_other(contents[unknown].as_py())
            what = f"expected a {NAMES_OF_FORMATS} file, got {found}"
            path = self.files.describe(int(rows[unknown]))
            raise SchemaError(what, path=path, hint="remove the file, or save it again")
        return contents
