"""Read text files in one folder per class, from a folder or a .zip."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.data.sources.files.select_columns import as_tuple, select_columns
from headrace.data.sources.folders.class_folders import NameRule, find_class_folders
from headrace.data.sources.folders.decode_text import LAST_RESORTS, decode_text, needs_decoding
from headrace.data.sources.folders.decompress_files import decompress_files
from headrace.data.sources.folders.file_list import FileList
from headrace.data.sources.folders.file_rows import FileRows
from headrace.data.sources.folders.file_store import FileLimit, FileStore, FolderStore
from headrace.data.sources.folders.folder_source import FolderSource
from headrace.data.sources.folders.list_files import FileTree, list_tree
from headrace.data.sources.folders.remote_store import RemoteStore, list_remote_tree
from headrace.data.sources.folders.zip_store import open_zip
from headrace.errors import UsageError
from headrace.source_line import warn_user
from headrace.storage import directory_exists, expand_home, file_exists, local_path, missing_path_error

__all__ = ["TextSource"]

_LIMIT = FileLimit(16 << 20, "the text is larger than 16 MiB", "split it, or remove it")
_SYSTEM_FILES = {"thumbs.db", "desktop.ini", "ehthumbs.db"}
_NOT_TEXT = {
    ".7z", ".arrow", ".avi", ".avif", ".bin", ".bmp", ".db", ".dll", ".doc", ".docx", ".exe", ".flac",
    ".gif", ".h5", ".heic", ".jar", ".jfif", ".jpeg", ".jpg", ".mov", ".mp3", ".mp4", ".npy", ".npz", ".o",
    ".odt", ".ogg", ".onnx", ".parquet", ".pdf", ".pickle", ".pkl", ".png", ".ppt", ".pptx", ".pt", ".pth",
    ".pyc", ".rar", ".rtf", ".safetensors", ".so", ".sqlite", ".svgz", ".tar", ".tfrecord", ".tif", ".tiff",
    ".wav", ".webp", ".xls", ".xlsx", ".zip",
}  # fmt: skip
_BATCH_ROWS = 256  # at most
_SCHEMA = pa.schema([pa.field("text", pa.string(), False), pa.field("label", pa.string(), False)])


@dataclass(frozen=True)
class TextSource(FolderSource):
    """Columns `text` (a whole file) and `label` (the name of its folder), sorted by label, then file name.

    The class folders may be nested in other folders (`movie_reviews/pos/...` in a .zip), but all in the same
    one; files in folders below a class folder are of its class, and links are followed. A warning counts and
    names what is left out: files outside the class folders, and files that are not texts by their names, such
    as PDFs; hidden files are ignored. `decode_text` says how texts are decoded. Files that end in `.gz`,
    `.bz2` or `.zst` are decompressed. A file above 16 MiB is an error.

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
            listed = FileTree({folder: list(files) for folder, files in tree.items()})
            chosen = find_class_folders(self.path, listed, _RULE)
            return RemoteStore.from_tree(self.path, tree, chosen, _LIMIT)
        if Path(self.path).is_dir():
            chosen = find_class_folders(self.path, list_tree(self.path), _RULE)
            return FolderStore(FileList.from_folders(self.path, chosen.folders, chosen.depth), _LIMIT)
        return open_zip(self.path, _LIMIT, _RULE)


def _reject(name: str) -> str | None:
    """Return why a file is not a text by its name; None if it may be one."""
    suffix = PurePath(name).suffix.lower()
    if name.lower() in _SYSTEM_FILES:
        return f"{name}, which is of the system"
    return f"{suffix}, not a text" if suffix in _NOT_TEXT else None


def _accepts(extension: str) -> bool:
    return extension not in _NOT_TEXT and not any(name.endswith(extension) for name in _SYSTEM_FILES)


_RULE = NameRule("a text", _reject, _accepts)


@dataclass(frozen=True)
class _BatchMaker:
    """Makes a batch of texts, which it decodes, with their labels."""

    files: FileList
    schema: pa.Schema
    warned: list[int] = field(default_factory=list[int], compare=False)  # a text that is not UTF-8

    def __call__(self, contents: pa.Array, rows: NDArray[np.int64]) -> pa.RecordBatch:
        make = {
            "text": lambda: self._decode(decompress_files(contents, self.files, rows, _LIMIT), rows),
            "label": lambda: self.files.find_labels(rows),
        }
        return pa.RecordBatch.from_arrays([make[name]() for name in self.schema.names], schema=self.schema)

    def _decode(self, contents: pa.Array, rows: NDArray[np.int64]) -> pa.Array:
        """Decode files, binary [n], to string [n]."""
        if not needs_decoding(contents):
            return contents.cast(pa.string())
        texts: list[str] = []
        for row, data in zip(rows.tolist(), contents.to_pylist(), strict=True):
            text, encoding = decode_text(data, self.files.describe(row))
            if encoding in LAST_RESORTS and not self.warned:
                self.warned.append(row)
                path = self.files.describe(row)
                what = f"{path} is not UTF-8: it and others like it are read as {LAST_RESORTS[encoding]}"
                warn_user(what)
            texts.append(text)
        return pa.array(texts, pa.string())
