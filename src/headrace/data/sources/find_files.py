"""The files that a path, a glob or a list of paths means."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from os import PathLike, fspath
from pathlib import Path

from headrace.errors import UsageError
from headrace.suggestions import suggest

__all__ = ["Paths", "find_files", "missing"]

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]


def find_files(paths: Paths) -> tuple[str, ...]:
    """Every file meant: paths in the order given, a glob's files sorted by name.

    Raises:
        UsageError: A path is no file, or a glob has none.
    """
    several = [paths] if isinstance(paths, str | PathLike) else list(paths)
    if not several:
        raise UsageError("an empty list of files", hint="give at least one path")
    return tuple(file for path in several for file in _expand(fspath(path)))


def missing(path: str, what: str = "no such file") -> UsageError:
    """The error for a path that is not there, with the names like it in its folder."""
    place = Path(path)
    while not place.parent.is_dir():
        place = place.parent
    return UsageError(what, path=path, hint=suggest(place.name, [p.name for p in place.parent.iterdir()]))


def _expand(path: str) -> list[str]:
    if Path(path).is_file():
        return [path]
    if Path(path).is_dir():
        raise UsageError(
            "a folder where a file is expected", path=path, hint="give a file or a glob like DIR/*"
        )
    is_pattern = glob.has_magic(path)
    matches = glob.glob(path, recursive=True) if is_pattern else []  # noqa: PTH207 - may be absolute
    found = sorted(file for file in matches if Path(file).is_file())
    if not found:
        raise missing(path, "no file matches" if is_pattern else "no such file")
    return found
