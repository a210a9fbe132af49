"""Read text files in one folder per class, from a folder or a .zip."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace import _native
from headrace.data.sources.files.select_columns import as_tuple, select_columns
from headrace.data.sources.folders.decompress_files import decompress_files
from headrace.data.sources.folders.file_list import FileList
from headrace.data.sources.folders.file_rows import FileRows
from headrace.data.sources.folders.file_store import FileLimit, FileStore, FolderStore
from headrace.data.sources.folders.folder_source import FolderSource
from headrace.data.sources.folders.list_files import choose_class_folders, list_tree
from headrace.data.sources.folders.remote_store import RemoteStore, list_remote_tree
from headrace.data.sources.folders.zip_store import open_zip
from headrace.errors import UsageError
from headrace.storage import directory_exists, expand_home, file_exists, local_path, missing_path_error

__all__ = ["TextSource"]

_LIMIT = FileLimit(16 << 20, "the text is larger than 16 MiB", "split it, or remove it")
_BATCH_ROWS = 256  # at most
_SCHEMA = pa.schema([pa.field("text", pa.string(), False), pa.field("label", pa.string(), False)])


@dataclass(frozen=True)
class TextSource(FolderSource):
    """Columns `text` (a whole file) and `label` (the name of its folder), sorted by label, then file name.

    The class folders may be nested in other folders (`movie_reviews/pos/...` in a .zip), but all in the same
    one. Hidden files and files outside the class folders are ignored. A file is decoded as UTF-8 if it is
    valid, otherwise as Latin-1, which maps every byte to a character. Files that end in `.gz`, `.bz2` or
    `.zst` are decompressed. A file above 16 MiB is an error.

    Attributes:
        path: The folder, a local path or URL, or the .zip.
        columns: The columns to read; None is all. Without `text`, no file is read.
    """

    every_column: ClassVar[pa.Schema] = _SCHEMA

    @classmethod
    def from_folder(cls, path: str | os.PathLike[str], columns: Sequence[str] | None = None) -> TextSource:
        """Create a source from a folder or a .zip.

        Raises:
            UsageError: `path` is neither a folder nor a .zip.
            SchemaError: A column does not exist.
        """
        folder = expand_home(path)
        is_folder = directory_exists(folder)
        if not is_folder and not file_exists(folder):
            raise missing_path_error(folder, "no such folder or .zip")
        if not is_folder and local_path(folder) is None:
            raise UsageError("expected a folder, got a file at a URL", path=folder, hint="download the .zip")
        if not is_folder and not zipfile.is_zipfile(folder):
            raise UsageError(
                "neither a folder nor a .zip", path=folder, hint="pass a folder with one folder per class"
            )
        select_columns(_SCHEMA, columns, folder)
        return cls(folder, as_tuple(columns))

    def _open_files(self, store: FileStore) -> FileRows:
        make_batch = _BatchMaker(store.files, self.schema)
        return FileRows(store, make_batch, _BATCH_ROWS, "text" in self.schema.names)

    def _find_files(self) -> FileStore:
        if local_path(self.path) is None:
            tree = list_remote_tree(self.path)
            chosen = choose_class_folders(self.path, tree)
            return RemoteStore.from_tree(self.path, {folder: tree[folder] for folder in chosen}, _LIMIT)
        if Path(self.path).is_dir():
            found = list_tree(self.path)
            chosen = choose_class_folders(self.path, found)
            files = FileList.from_folders(self.path, {folder: sorted(found[folder]) for folder in chosen})
            return FolderStore(files, _LIMIT)
        return open_zip(self.path, _LIMIT)


@dataclass(frozen=True)
class _BatchMaker:
    """Makes a batch of texts, which it decodes, with their labels."""

    files: FileList
    schema: pa.Schema

    def __call__(self, contents: pa.Array, rows: NDArray[np.int64]) -> pa.RecordBatch:
        make = {
            "text": lambda: _decode(decompress_files(contents, self.files, rows, _LIMIT)),
            "label": lambda: self.files.find_labels(rows),
        }
        return pa.RecordBatch.from_arrays([make[name]() for name in self.schema.names], schema=self.schema)


def _decode(contents: pa.Array) -> pa.Array:
    """Decode files, binary [n], to string [n]."""
    _, offsets, data = contents.buffers()
    ends = np.frombuffer(offsets, np.int32)[: len(contents) + 1]
    decoded = _native.decode_texts(ends, b"" if data is None else np.frombuffer(data, np.uint8))
    buffers = [offsets, data] if decoded is None else [pa.py_buffer(each) for each in decoded]
    return pa.Array.from_buffers(pa.string(), len(contents), [None, *buffers])
