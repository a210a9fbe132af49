"""The folder in which finished shards wait, and what tells a later run which of them it may use."""

from __future__ import annotations

import json
import shutil
from collections.abc import Generator, Iterable
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from headrace.errors import HeadraceError
from headrace.file_errors import wrap_file_errors
from headrace.storage import (
    FileEntry,
    FolderLock,
    Manifest,
    file_exists,
    local_path,
    make_folder,
    open_filesystem,
    read_bytes,
    write_bytes,
)

__all__ = ["Staging"]

_PLAN, _PART, _FINISHED = "plan.json", "part-", ".finished.json"


@dataclass(frozen=True)
class Staging:
    """A folder of finished shards.

    Attributes:
        folder: Its path or URL, which all workers can write to.
    """

    folder: str

    def lock(self) -> AbstractContextManager[Any]:
        """Lock a local folder against another run that writes the same files."""
        local = local_path(self.folder)
        return nullcontext() if local is None else FolderLock(local, "wait until the other run has finished")

    def open(self, identity: str | None) -> None:
        """Keep what the folder holds if it is of the same work; else empty it.

        Args:
            identity: A digest of the work; None if it cannot be known, so that nothing is reused.
        """
        if identity is None or self._read(_PLAN) != {"identity": identity}:
            self.clear()
        self.write(_PLAN, {"identity": identity})

    def clear(self) -> None:
        """Delete everything in the folder except its lock."""
        local = local_path(self.folder)
        if local is not None:
            with wrap_file_errors(self.folder, "cannot be emptied", "delete it"):
                for each in local.iterdir() if local.is_dir() else ():
                    if each.is_dir() and not each.is_symlink():
                        shutil.rmtree(each)
                    elif each.name != ".lock":
                        each.unlink(missing_ok=True)
            return
        with wrap_file_errors(self.folder, "cannot be emptied", "delete it"):
            fs, name = open_filesystem(self.folder)
            if fs.exists(name):
                fs.rm(name, recursive=True)

    @contextmanager
    def cleared_on_error(self) -> Generator[None]:
        """Empty a local folder when an exception passes and it holds nothing that a later run can use."""
        try:
            yield
        except BaseException:
            local = local_path(self.folder)
            if local is not None and local.is_dir() and not any(map(_is_result, local.iterdir())):
                with suppress(HeadraceError):
                    self.clear()
            raise

    def remove(self) -> None:
        """Delete the folder with its finished shards."""
        local = local_path(self.folder)
        if local is None:
            self.clear()
        else:
            shutil.rmtree(local, ignore_errors=True)

    def write(self, name: str, value: Any) -> None:
        """Write a JSON value atomically."""
        local = local_path(self.folder)
        if local is not None:
            make_folder(local)
        write_bytes(f"{self.folder}/{name}", json.dumps(value).encode())

    def mark_finished(self, path: str, entry: FileEntry) -> None:
        """Note that a shard is complete."""
        manifest = Manifest({PurePath(path).name: entry})
        write_bytes(_mark(path), manifest.text.encode())

    def find_finished(self, path: str) -> FileEntry | None:
        """Return the size and checksum of a shard if it is complete, else None."""
        try:
            manifest = Manifest.read(_mark(path))
            if manifest is not None:
                manifest.check_sizes(f"{self.folder}/")
                return manifest.files.get(PurePath(path).name)
        except HeadraceError:
            pass  # the shard is written again
        return None

    def write_count(self, part: int, rows: int) -> None:
        """Note the number of rows of a part."""
        self.write(f"{_PART}{part:05d}.json", rows)

    def read_counts(self, parts: Iterable[int]) -> dict[int, int]:
        """Return the noted numbers of rows by part."""
        found = {part: self._read(f"{_PART}{part:05d}.json") for part in parts}
        return {part: rows for part, rows in found.items() if isinstance(rows, int)}

    def _read(self, name: str) -> Any:
        path = f"{self.folder}/{name}"
        try:
            return json.loads(read_bytes(path)) if file_exists(path) else None
        except (HeadraceError, ValueError):
            return None


def _mark(path: str) -> str:
    return f"{path}{_FINISHED}"


def _is_result(path: Path) -> bool:
    """Return whether a file says that a shard is complete, or how many rows a part has."""
    return path.name.endswith(_FINISHED) or path.name.startswith(_PART)
