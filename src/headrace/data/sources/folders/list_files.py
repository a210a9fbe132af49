"""List the files below a folder."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from headrace.file_errors import wrap_file_errors

__all__ = ["FileTree", "is_visible", "list_tree"]


@dataclass
class FileTree:
    """The visible files below a folder.

    Attributes:
        folders: The names of the files by folder, relative to the root; "" is the root itself.
        broken: What cannot be followed, relative to the root, by reason.
    """

    folders: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    broken: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


def is_visible(name: str) -> bool:
    """Whether a file or folder counts: hidden ones, and what macOS adds to archives, do not.

    >>> is_visible(".git"), is_visible("__MACOSX"), is_visible("cat")
    (False, False, True)
    """
    return not name.startswith((".", "__MACOSX"))


def list_tree(root: str) -> FileTree:
    """List the files below `root`, in no order; symbolic links are followed, but not to folders around them.

    Raises:
        UsageError: A folder cannot be listed.
    """
    tree = FileTree()
    pending: list[tuple[str, tuple[tuple[int, int], ...]]] = [("", ())]
    while pending:
        folder, around = pending.pop()
        path = f"{root}/{folder}"
        with wrap_file_errors(path, "cannot be listed", "check the folder"):
            status = os.stat(path)  # noqa: PTH116 - called for each of many folders
            place = (status.st_dev, status.st_ino)
            if place in around:
                tree.broken.setdefault("link to a folder around it", []).append(folder)
                continue
            with os.scandir(path) as entries:
                _list_folder(tree, folder, entries, pending, (*around, place))
    return tree


def _list_folder(
    tree: FileTree,
    folder: str,
    entries: Iterable[os.DirEntry[str]],
    pending: list[tuple[str, tuple[tuple[int, int], ...]]],
    around: tuple[tuple[int, int], ...],
) -> None:
    prefix = f"{folder}/" if folder else ""
    names = tree.folders.setdefault(folder, [])
    for entry in entries:
        name = entry.name
        if name[0] in "._" and not is_visible(name):  # checks few names: there may be millions
            continue
        if entry.is_file():
            names.append(name)
        elif entry.is_dir():
            pending.append((prefix + name, around))
        elif entry.is_symlink():
            tree.broken.setdefault("link to nothing", []).append(prefix + name)
        else:
            tree.broken.setdefault("not a regular file", []).append(prefix + name)
