"""Which of the user's source lines is at work: errors name it, and nodes remember it."""

from __future__ import annotations

import sys
import traceback
from functools import cache
from pathlib import Path

__all__ = ["raising_line", "user_line"]

_PACKAGE = str(Path(__file__).parents[2])


def user_line() -> tuple[str, int] | None:
    """The nearest source line, up the call stack, that is the user's."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        if _is_users(frame.f_code.co_filename):
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None


def raising_line(error: Exception) -> tuple[str, int] | None:
    """The user's last source line on the way from where `error` was caught to where it was raised."""
    frames = traceback.walk_tb(error.__traceback__)
    lines = [(frame.f_code.co_filename, number) for frame, number in frames]
    return next((line for line in reversed(lines) if _is_users(line[0])), None)


@cache
def _is_users(path: str) -> bool:
    """Whether a source file lies outside this package; built-in recipes count as users'."""
    return not path.startswith(_PACKAGE) or Path(path).parent.name == "recipes"
