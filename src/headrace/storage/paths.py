"""Expand paths, URLs and patterns to the files that they name."""

from __future__ import annotations

import contextlib
import glob
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from headrace.arguments import is_iterable
from headrace.errors import UsageError
from headrace.storage.commit import complete_commits
from headrace.storage.filesystem import (
    directory_exists,
    expand_home,
    file_exists,
    glob_paths,
    local_path,
)
from headrace.storage.shard_names import Shard
from headrace.suggestions import suggest

__all__ = ["Paths", "expand_braces", "expand_paths", "list_paths", "missing_path_error"]

_BRACES = re.compile(r"\{(?:(?P<first>\d{1,12})\.\.(?P<last>\d{1,12})|(?P<words>[^{}]*,[^{}]*))\}")
_MAX_PATHS = 1_000_000

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def expand_paths(
    paths: Paths, *, shards: re.Pattern[str] | None = None, ignored: tuple[str, ...] = ()
) -> list[str]:
    """Expand one or several paths, URLs and patterns to files.

    A list keeps its order; the files of a pattern are sorted by name. A path that exists is a file even if it
    looks like a pattern. A leading `~` is the home folder. Braces name several files, which must all exist:
    12 in `train-{0000..0011}.tar`, 2 in `{train,test}.csv`.

    Args:
        paths: The paths, URLs and patterns of `*`, `**`, `?` and `[...]`.
        shards: Matches the suffixes of shards that a path which is neither a file nor a pattern may be the
            base name of (see `Shard.is_named_by`); by default a base name is an error.
        ignored: Suffixes of files that a pattern does not match.

    Raises:
        UsageError: An empty list, a folder, or nothing matches.
    """
    given = list_paths(paths)
    if not given:
        raise UsageError("expected at least one file, got an empty list", hint="pass a path or a pattern")
    names = [name for path in given for name in expand_braces(path)]
    return [file for name in names for file in _expand(name, shards, ignored)]


def list_paths(paths: Paths) -> list[str | os.PathLike[str]]:
    """List one or several paths.

    Raises:
        UsageError: `paths` is neither a path nor a list of paths.
    """
    if isinstance(paths, str | os.PathLike):
        return [paths]
    if isinstance(paths, bytes | Mapping) or not is_iterable(paths):  # pyright: ignore[reportUnnecessaryIsInstance]
        what = f"expected a path or a list of paths, got {paths!r:.60} ({type(paths).__name__})"
        raise UsageError(what, hint="pass a string, a pathlib.Path, or a list of them")
    return list(paths)


def expand_braces(path: str | os.PathLike[str]) -> list[str]:
    """List the paths that `{first..last}` or `{one,two}` stand for, with `~` expanded.

    Numbers keep the width of the first: `{08..11}` is 08, 09, 10, 11. A file whose name holds the braces is
    returned unchanged, and so is a path without braces.

    >>> expand_braces("train-{08..10}.tar")
    ['train-08.tar', 'train-09.tar', 'train-10.tar']

    Raises:
        UsageError: The range is empty, or there are more than 1,000,000 paths.
    """
    path = expand_home(path)
    return _expand_braces(path) if _BRACES.search(path) and not file_exists(path) else [path]


def _expand_braces(path: str) -> list[str]:
    found = _BRACES.search(path)
    if found is None:
        return [path]
    words, rest = _list_words(path, found), _expand_braces(path[found.end() :])
    if len(words) * len(rest) > _MAX_PATHS:
        what = f"the braces stand for more than {_MAX_PATHS:,} paths"
        raise UsageError(what, path=path, hint="use a pattern")
    return [path[: found.start()] + word + tail for word in words for tail in rest]


def _list_words(path: str, found: re.Match[str]) -> list[str]:
    if found["words"] is not None:
        return found["words"].split(",")
    first, last = found["first"], found["last"]
    numbers = range(int(first), int(last) + 1)
    if not 0 < len(numbers) <= _MAX_PATHS:
        what = f"expected 1 to {_MAX_PATHS:,} numbers in {{{first}..{last}}}, got {len(numbers):,}"
        raise UsageError(what, path=path, hint="write the smaller number first")
    return [f"{number:0{len(first)}d}" for number in numbers]


def missing_path_error(path: str, what: str = "no such file") -> UsageError:
    """Create the error for a path that does not exist, with similar names in its folder as a hint."""
    place = local_path(path)
    if place is None:
        return UsageError(what, path=path, hint="check the URL")
    if place.is_symlink():
        what = "a symbolic link to a file that does not exist, or to itself"
        return UsageError(what, path=path, hint="mend the link, or name the file")
    names: list[str] = []
    with contextlib.suppress(OSError):  # the folder cannot be listed
        while not place.parent.is_dir():
            place = place.parent
        names = [each.name for each in place.parent.iterdir()]
    return UsageError(what, path=path, hint=suggest(place.name, names))


def _expand(path: str, shards: re.Pattern[str] | None, ignored: tuple[str, ...]) -> Sequence[str]:
    if file_exists(path):
        return [path]
    if directory_exists(path):
        hint = f"pass a file or a pattern such as {path.rstrip('/')}/*"
        raise UsageError("expected a file, got a folder", path=path, hint=hint)
    local = local_path(path)
    if local is not None and local.exists():
        what = "expected a file, got a pipe or a device"
        raise UsageError(what, path=path, hint="save its contents as a file, which can be read again")
    is_pattern = glob.has_magic(path)
    folder = os.path.dirname(path)  # noqa: PTH120 - the path may be a URL
    if not glob.has_magic(folder):
        complete_commits(folder or ".")
    if not is_pattern and shards is None:
        raise missing_path_error(path)
    found = glob_paths(path if is_pattern else f"{glob.escape(path)}*-of-[0-9]*")
    if not is_pattern and shards is not None:
        named = ((file, Shard.parse(file)) for file in found)
        found = [file for file, shard in named if shard is not None and shard.is_named_by(path, shards)]
    files = [file for file in found if not file.endswith(ignored) and not _is_local_folder(file)]
    if not files:
        raise missing_path_error(path, "no file matches" if is_pattern else "no such file")
    return files


def _is_local_folder(path: str) -> bool:
    local = local_path(path)
    return local is not None and Path(local).is_dir()
