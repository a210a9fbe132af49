"""Files in class folders at a URL: listed by one request, and read many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.cached_property import cached_property
from headrace.data.identity import content_digest
from headrace.data.sources.folders.class_folders import ClassFolders
from headrace.data.sources.folders.file_list import FileList
from headrace.data.sources.folders.file_store import FileLimit, too_many_bytes_error
from headrace.data.sources.folders.list_files import is_visible
from headrace.errors import UsageError
from headrace.file_errors import wrap_file_errors
from headrace.storage import open_filesystem

__all__ = ["RemoteStore", "list_remote_tree"]

_LARGEST_BATCH = (1 << 31) - 1  # bytes


def list_remote_tree(root: str) -> dict[str, dict[str, int]]:
    """List the files below a URL: their sizes, by folder (relative to `root`; "" is the root) and name.

    Args:
        root: The URL of a folder.

    Raises:
        UsageError: The file system cannot list its files.
    """
    with wrap_file_errors(root, "cannot be listed", "check the URL, or download the folder"):
        fs, name = open_filesystem(root)
        found: Mapping[str, Any] = fs.find(name, detail=True)
    prefix = name.strip("/") + "/"
    tree: dict[str, dict[str, int]] = {}
    for path, info in found.items():
        *folders, file = path.strip("/").removeprefix(prefix).split("/")
        if all(map(is_visible, [*folders, file])):
            tree.setdefault("/".join(folders), {})[file] = int(info.get("size") or 0)
    return tree


@dataclass(frozen=True)
class RemoteStore:
    """Files at a URL; see `FileStore`.

    Attributes:
        files: The files.
        limit: The largest file.
        tree: The sizes of the files, by folder and name.
    """

    files: FileList
    limit: FileLimit
    tree: Mapping[str, Mapping[str, int]]

    @classmethod
    def from_tree(
        cls, root: str, tree: Mapping[str, Mapping[str, int]], chosen: ClassFolders, limit: FileLimit
    ) -> RemoteStore:
        """Create a store of the chosen files of a tree, sorted by class, then name."""
        files = FileList.from_folders(root.rstrip("/"), chosen.folders, chosen.depth)
        return cls(files, limit, tree)

    def read(self, rows: NDArray[np.int64], enough: int) -> pa.Array:
        """See `FileStore.read`."""
        sizes = self.find_sizes(rows)
        ends = np.cumsum(sizes)
        rows = rows[: int(np.searchsorted(ends, enough)) + 1]
        paths = self.files.find_paths(rows).to_pylist()
        for path, size in zip(paths, sizes.tolist(), strict=False):
            if size > self.limit.size:
                raise self.limit.error(f"{self.files.root}/{path}")
        if len(rows) and ends[len(rows) - 1] > _LARGEST_BATCH:
            raise too_many_bytes_error(f"{self.files.root}/{paths[-1]}")
        contents = self._fetch(list(dict.fromkeys(paths)))
        for path, size in zip(paths, sizes.tolist(), strict=False):
            if len(contents[path]) != size:
                what = f"expected {size:,} bytes, as listed, got {len(contents[path]):,}"
                raise UsageError(what, path=f"{self.files.root}/{path}", hint="open the data again")
        return pa.array([contents[path] for path in paths], pa.binary())

    def find_sizes(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """See `FileStore.find_sizes`."""
        return self._sizes[rows]

    def identify(self, rows: NDArray[np.int64]) -> str:
        """See `FileStore.identify`."""
        names = self.files.find_paths(rows).to_pylist()
        return content_digest([f"{self.files.root}/{name}" for name in names], names).hex()

    @cached_property
    def _sizes(self) -> NDArray[np.int64]:
        paths = self.files.find_paths(np.arange(len(self.files))).to_pylist()
        pairs = (path.rpartition("/") for path in paths)
        return np.array([self.tree[folder][name] for folder, _, name in pairs], np.int64)

    def _fetch(self, paths: list[str]) -> dict[str, bytes]:
        """Read files, several at a time where the file system can."""
        if not paths:
            return {}
        root = self.files.root
        with wrap_file_errors(f"{root}/{paths[0]}", "or a file read with it cannot be read", "check the URL"):
            fs, name = open_filesystem(root)
            names = [f"{name.rstrip('/')}/{path}" for path in paths]
            found = fs.cat(names, on_error="raise")
            contents: Mapping[str, bytes] = found if isinstance(found, dict) else {names[0]: found}
            by_name = {each.strip("/"): bytes(data) for each, data in contents.items()}
            return {path: by_name[each.strip("/")] for path, each in zip(paths, names, strict=True)}
