"""Find the user's source line that is executing, for errors, warnings and nodes of graphs."""

from __future__ import annotations

import sys
import traceback
import warnings
from functools import cache
from pathlib import Path

__all__ = ["raising_line", "user_line", "warn_user"]

_PACKAGE = str(Path(__file__).parent)
_INSTALLED = ("site-packages", "dist-packages")
_STDLIB = str(Path(traceback.__file__).parent)


def user_line() -> tuple[str, int] | None:
    """Return the innermost source line of the user's on the call stack, as (path, line number)."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        if _is_users(frame.f_code.co_filename):
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None


def raising_line(error: Exception) -> tuple[str, int] | None:
    """Return the user's innermost source line in the traceback of an error, as (path, line number).

    Lines of installed packages count as the user's where the error passed no others; those of Python's own
    modules and of torch never do.
    """
    frames = traceback.walk_tb(error.__traceback__)
    lines = [(frame.f_code.co_filename, number) for frame, number in frames]
    theirs = [line for line in reversed(lines) if _is_users(line[0]) and not _is_library(line[0])]
    return next((line for line in theirs if not _is_installed(line[0])), next(iter(theirs), None))


def warn_user(what: str, category: type[Warning] = UserWarning) -> None:
    """Issue a warning as of the user's line, not of the line in this package that found the cause."""
    level, frame = 1, sys._getframe(0)  # pyright: ignore[reportPrivateUsage]
    while frame.f_back is not None and not _is_users(frame.f_code.co_filename):
        level, frame = level + 1, frame.f_back
    warnings.warn(what, category, stacklevel=level)


@cache
def _is_library(path: str) -> bool:
    """Tell whether a source file is one of Python's own, or of torch."""
    if path.startswith("<frozen"):
        return True
    if _is_installed(path):
        return any(f"{folder}/torch/" in path for folder in _INSTALLED)
    return path.startswith(_STDLIB)


def _is_installed(path: str) -> bool:
    return any(f"/{folder}/" in path for folder in _INSTALLED)


@cache
def _is_users(path: str) -> bool:
    """Tell whether a source file lies outside this package; built-in recipes count as the user's."""
    return not path.startswith(_PACKAGE) or Path(path).parent.name == "recipes"
