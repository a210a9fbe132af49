"""Errors of file systems as one line: what happened to which file, and what to do about it."""

from __future__ import annotations

import errno
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from headrace.errors import HeadraceError, UsageError

__all__ = ["reason", "remedy", "wrap_file_errors"]

_REMEDIES: Mapping[int | None, str] = {
    errno.ENOSPC: "make room, or choose another place",
    errno.EDQUOT: "make room, or choose another place",
    errno.EFBIG: "raise the limit of file sizes (ulimit -f), or choose another place",
    errno.EMFILE: "raise the limit of open files: ulimit -n",
    errno.ENOMEM: "close other programs, or choose fewer rows at a time",
    errno.EACCES: "check the permissions, or choose another place",
    errno.EPERM: "check the permissions, or choose another place",
    errno.EROFS: "choose a place that can be written to",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EISDIR: "a folder has this name: name a file",
    errno.EEXIST: "a file has this name: choose another, or remove the file",
    errno.ENOTDIR: "a file stands where the path needs a folder: check the path",
    errno.ELOOP: "the links lead in a circle: check the path",
}


def reason(error: Exception) -> str:
    """Return the first line of what an error of a file system says, without its number and path."""
    strerror = error.strerror if isinstance(error, OSError) else None
    lines = (strerror or str(error)).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def remedy(error: Exception, otherwise: str) -> str:
    """Return what the user can do about an error of the operating system.

    >>> remedy(OSError(errno.ENOSPC, "No space left on device"), "check the path")
    'make room, or choose another place'
    """
    number = error.errno if isinstance(error, OSError) else None
    return _REMEDIES.get(number, otherwise)


@contextmanager
def wrap_file_errors(path: str, what: str, hint: str) -> Generator[None]:
    """Convert any file-system error into a `UsageError` that names the file.

    Args:
        path: The file concerned.
        what: The message, such as "cannot be read"; the reason is appended.
        hint: What the user can do about it, unless the error itself says so: see `remedy`.
    """
    try:
        yield
    except HeadraceError:
        raise
    except FileNotFoundError as error:
        raise UsageError(f"{what}: No such file or directory", path=path, hint=hint) from error
    except Exception as error:  # every fsspec file system raises its own errors
        raise UsageError(f"{what}: {reason(error)}", path=path, hint=remedy(error, hint)) from error
