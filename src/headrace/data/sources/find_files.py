"""Find the files that a path, a glob or a list of paths names."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from os import PathLike, fspath
from pathlib import Path

from headrace.errors import UsageError
from headrace.suggestions import suggest

__all__ = ["Paths", "find_files", "missing_path"]

Paths = str | PathLike[str] | Iterable[str | PathLike[str]]


def find_files(paths: Paths) -> tuple[str, ...]:
    """Expand paths to files: paths in their order, the files of a glob sorted by name.

    Raises:
        UsageError: A path is not a file, or a glob matches none.
    """
    several = [paths] if isinstance(paths, str | PathLike) else list(paths)
    if not several:
        raise UsageError("expected at least one file, got an empty list", hint="pass a path")
    return tuple(file for path in several for file in _expand(fspath(path)))


def missing_path(path: str, what: str = "no such file") -> UsageError:
    """Create the error for a path that does not exist, with similar names in its folder as a hint."""
    place = Path(path)
    while not place.parent.is_dir():
        place = place.parent
    return UsageError(what, path=path, hint=suggest(place.name, [p.name for p in place.parent.iterdir()]))


def _expand(path: str) -> list[str]:
    if Path(path).is_file():
        return [path]
    if Path(path).is_dir():
        raise UsageError("expected a file, got a folder", path=path, hint="pass a file or a glob like DIR/*")
    is_pattern = glob.has_magic(path)
    matches = glob.glob(path, recursive=True) if is_pattern else []  # noqa: PTH207 - may be absolute
    found = sorted(file for file in matches if Path(file).is_file())
    if not found:
        raise missing_path(path, "no file matches" if is_pattern else "no such file")
    return found
