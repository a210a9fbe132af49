"""Temporary files beside their target: hidden, with a random name, and locked while their writer lives.

The temporary file of `DIR/NAME` is `DIR/.NAME.XXXXXXXX.tmp`. Its writer holds a lock (flock) on it, which the
operating system releases when the process dies; a temporary file without a lock is a leftover. A process that
ends in order deletes those that it has created and nobody has renamed: Ctrl-C may hit between any two lines.
"""

from __future__ import annotations

import atexit
import errno
import fcntl
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "LOCK_NAME",
    "PENDING_SUFFIX",
    "is_temporary",
    "is_working_file",
    "keep_at_exit",
    "lock",
    "new_temporary_directory",
    "new_temporary_file",
    "sweep",
    "sweep_target",
    "temporary_path",
]

LOCK_NAME = ".lock"
PENDING_SUFFIX = ".pending"
_TEMPORARY = re.compile(r"\.(?P<target>.+)\.[0-9a-f]{8}\.tmp", re.DOTALL)
_ENTRIES_PER_WRITE = 64  # a folder is listed again after one write for this many of its entries

_unnamed: set[str] = set()  # what this process has created and nobody has renamed or deleted
os.register_at_fork(after_in_child=_unnamed.clear)


def temporary_path(target: str) -> str:
    """Return a random temporary path in the target's folder."""
    folder, name = os.path.split(target)
    return os.path.join(folder, f".{name}.{secrets.token_hex(4)}.tmp")


def is_temporary(name: str) -> bool:
    """Return whether a file name is that of a temporary file.

    >>> is_temporary(".train.csv.0a1b2c3d.tmp"), is_temporary("train.csv")
    (True, False)
    """
    return _TEMPORARY.fullmatch(name) is not None


def is_working_file(name: str) -> bool:
    """Return whether a file name is one that writers use for themselves: temporary, pending or lock file.

    >>> is_working_file(".lock"), is_working_file(".train.manifest.json.pending"), is_working_file("a.csv")
    (True, True, False)
    """
    return is_temporary(name) or name == LOCK_NAME or (name.startswith(".") and name.endswith(PENDING_SUFFIX))


def lock(descriptor: int, *, wait: bool = True) -> bool:
    """Take the exclusive lock of an open file or folder; return False if another process holds it.

    File systems without locks count as unlocked.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def keep_at_exit(paths: Iterable[Path | str]) -> None:
    """Leave temporary files and folders alone when the process ends: they have been or will be renamed."""
    _unnamed.difference_update(map(str, paths))


@atexit.register
def _delete_unnamed() -> None:
    for path in _unnamed:
        _delete(Path(path))


def new_temporary_file(target: Path) -> tuple[Path, int]:
    """Create a locked temporary file for a target, with the mode of the file it will replace.

    Returns:
        Its path and a descriptor open for writing, which holds the lock.

    Raises:
        OSError: The file cannot be created.
    """
    while True:
        path = Path(temporary_path(str(target)))
        _unnamed.add(str(path))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            lock(descriptor)
            if os.fstat(descriptor).st_nlink == 0:  # swept before it was locked
                os.close(descriptor)
                continue
            _copy_mode(target, descriptor)
        except BaseException:  # Ctrl-C, too
            path.unlink(missing_ok=True)
            os.close(descriptor)
            raise
        return path, descriptor


def _copy_mode(target: Path, descriptor: int) -> None:
    """Give a temporary file the mode of the file that it will replace, if there is one."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "Is a directory")
    os.fchmod(descriptor, stat.S_IMODE(mode))


def new_temporary_directory(target: Path) -> tuple[Path, int]:
    """Create a locked temporary directory for a target.

    Returns:
        Its path and a descriptor, which holds the lock.

    Raises:
        OSError: The directory cannot be created.
    """
    while True:
        path = Path(temporary_path(str(target)))
        _unnamed.add(str(path))
        path.mkdir()
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:  # swept before it was opened
            continue
        lock(descriptor)
        if path.exists():
            return path, descriptor
        os.close(descriptor)  # swept before it was locked


def sweep(folder: Path, owns: Callable[[str], bool]) -> None:
    """Delete the leftover temporary files of targets whose name `owns` accepts."""
    for name in _list_temporaries(folder)[0]:
        match = _TEMPORARY.fullmatch(name)
        if match and owns(match["target"]):
            _delete_leftover(folder / name)


@dataclass
class _Listing:
    temporaries: dict[str, list[str]]
    writes_left: int


_listings: dict[Path, _Listing] = {}


def sweep_target(target: Path) -> None:
    """Delete the leftover temporary files of one target.

    The folder's listing is kept for some writes, so that writing n files to a folder is not quadratic.
    """
    listing = _listings.get(target.parent)
    if listing is None or listing.writes_left <= 0:
        names, entries = _list_temporaries(target.parent)
        listing = _Listing({}, entries // _ENTRIES_PER_WRITE)
        for name in names:
            match = _TEMPORARY.fullmatch(name)
            if match:
                listing.temporaries.setdefault(match["target"], []).append(name)
        _listings[target.parent] = listing
    listing.writes_left -= 1
    for name in listing.temporaries.pop(target.name, []):
        _delete_leftover(target.with_name(name))


def _list_temporaries(folder: Path) -> tuple[list[str], int]:
    names: list[str] = []
    entries = 0
    try:
        with os.scandir(folder) as listing:
            for entry in listing:
                entries += 1
                if entry.name.startswith(".") and entry.name.endswith(".tmp"):
                    names.append(entry.name)
    except OSError:
        pass  # creating the file reports it
    return names, entries


def _delete_leftover(path: Path) -> None:
    """Delete a temporary file or directory unless its writer lives."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        if lock(descriptor, wait=False):
            _delete(path)
    finally:
        os.close(descriptor)


def _delete(path: Path) -> None:
    """Delete a file or a directory, unless another process does."""
    with suppress(OSError):  # also of a name that is too long
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
