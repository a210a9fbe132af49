"""Image files by path, with or without class folders."""

from __future__ import annotations

from collections.abc import Sequence

from headrace.data.sources.folders.list_files import list_tree
from headrace.data.sources.folders.remote_store import list_remote_tree
from headrace.images import has_image_extension, image_format
from headrace.source_line import warn_user
from headrace.storage import directory_exists, expand_home, expand_paths, local_path, open_local

__all__ = ["list_image_files"]

_SHOWN = 3  # names in a warning


def list_image_files(paths: Sequence[str]) -> list[str] | None:
    """List image files: those that paths or patterns name, and all below the folders that they name, sorted.

    A warning counts and names other files; hidden ones are ignored.

    Args:
        paths: The paths, URLs and patterns.

    Returns:
        The paths of the images; None if a path or pattern names no image.

    Raises:
        UsageError: A path does not exist, a pattern matches nothing, or a folder cannot be listed.
    """
    images: list[str] = []
    others: list[str] = []
    for path in paths:
        names = _list_folder(path) if directory_exists(expand_home(path)) else expand_paths(path)
        found = [name for name in names if has_image_extension(name)]
        if not found and len(names) == 1 and _starts_as_image(names[0]):
            found = names
        if not found:
            return None
        images += found
        images_here = set(found)
        others += [name for name in names if name not in images_here]
    if others:
        shown = ", ".join(others[:_SHOWN]) + (", ..." if len(others) > _SHOWN else "")
        warn_user(f"left out {len(others):,} x not an image ({shown})")
    return images


def _list_folder(path: str) -> list[str]:
    root = expand_home(path)
    folders = list_tree(root).folders if local_path(root) is not None else list_remote_tree(root)
    base = path.rstrip("/")
    return sorted(
        f"{base}/{folder}/{name}" if folder else f"{base}/{name}"
        for folder, names in folders.items()
        for name in names
    )


def _starts_as_image(path: str) -> bool:
    file = open_local(path)
    if file is None:
        return False
    with file:
        return image_format(file.read(32)) is not None
