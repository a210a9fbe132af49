"""List the files in class folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from headrace.errors import SchemaError
from headrace.storage import wrap_file_errors

__all__ = ["choose_class_folders", "is_visible", "list_class_folders", "list_tree"]


def is_visible(name: str) -> bool:
    """Whether a file or folder counts: hidden ones, and what macOS adds to archives, do not.

    >>> is_visible(".git"), is_visible("__MACOSX"), is_visible("cat")
    (False, False, True)
    """
    return not name.startswith((".", "__MACOSX"))


def list_class_folders(root: str, is_chosen: Callable[[str], bool]) -> dict[str, list[str]]:
    """List the files in the folders of `root`, by folder, sorted by name.

    Args:
        root: The folder.
        is_chosen: Whether a file of this name counts.

    Raises:
        UsageError: A folder cannot be listed.
    """
    with wrap_file_errors(root, "cannot be listed", "check the folder"):
        with os.scandir(root) as entries:
            folders = [entry.name for entry in entries if is_visible(entry.name) and entry.is_dir()]
        found: dict[str, list[str]] = {}
        for folder in folders:
            with os.scandir(os.path.join(root, folder)) as entries:  # noqa: PTH118 - a path per file is slow
                names = [entry.name for entry in entries if is_chosen(entry.name) and entry.is_file()]
            found[folder] = sorted(filter(is_visible, names))
    return {folder: names for folder, names in found.items() if names}


def list_tree(root: str) -> dict[str, list[str]]:
    """List the files below `root`, by folder (relative to `root`), in no order; links are not followed.

    Raises:
        UsageError: A folder cannot be listed.
    """
    found: dict[str, list[str]] = {}
    pending = [""]
    while pending:
        folder = pending.pop()
        path = f"{root}/{folder}"
        with wrap_file_errors(path, "cannot be listed", "check the folder"), os.scandir(path) as entries:
            for entry in entries:
                if not is_visible(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    pending.append(f"{folder}/{entry.name}" if folder else entry.name)
                elif folder and entry.is_file():
                    found.setdefault(folder, []).append(entry.name)
    return found


def choose_class_folders(root: str, folders: Iterable[str]) -> list[str]:
    """Choose the class folders among folders that hold files: the deepest; a README lies higher.

    Raises:
        SchemaError: No folder holds files, or the class folders lie in several folders.
    """
    found: Mapping[str, int] = {folder: folder.count("/") for folder in folders}
    if not found:
        raise SchemaError("no class folder contains a file", path=root, hint="lay it out as CLASS/FILE")
    deepest = max(found.values())
    chosen = [folder for folder, depth in found.items() if depth == deepest]
    parents = sorted({folder.rpartition("/")[0] or "." for folder in chosen})
    if len(parents) > 1:
        raise SchemaError(
            f"expected class folders in one folder, found them in {len(parents)} ({', '.join(parents[:4])})",
            path=root,
            hint="pass one of these folders",
        )
    return chosen
