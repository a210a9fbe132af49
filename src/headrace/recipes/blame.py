"""Errors raised in a user's file, told as one line that names it."""

from __future__ import annotations

import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from headrace.errors import HeadraceError, UsageError

__all__ = ["blame"]


@contextmanager
def blame(file: Path) -> Generator[None]:
    """What goes wrong inside leaves as it is, but for exceptions that passed through `file`.

    Raises:
        UsageError: The code of the file raised something of its own, or is no Python.
    """
    try:
        yield
    except HeadraceError:
        raise
    except Exception as error:
        line = _line(error, str(file.absolute()))
        if line is None:
            raise
        what = f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}"
        raise UsageError(what, path=str(file), line=line, hint="fix the file") from error


def _line(error: Exception, file: str) -> int | None:
    """The last line of `file` that had a part in the error."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno
    lines = [each.lineno for each in traceback.extract_tb(error.__traceback__) if each.filename == file]
    return lines[-1] if lines else None
