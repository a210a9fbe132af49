"""Suggestions for mistyped names."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["suggest"]

_SHOWN = 12


def suggest(name: str, known: Iterable[str]) -> str:
    """Write a hint for an unknown name: the names similar to it, or else the first known names.

    >>> suggest("lable", ["image", "label"])
    "did you mean 'label'?"
    >>> suggest("zzz", ["image", "label"])
    'choose among: image, label'
    """
    names = sorted(known)
    close = get_close_matches(name, names, n=3)
    if close:
        return f"did you mean {' or '.join(map(repr, close))}?"
    shown = ", ".join(names[:_SHOWN]) + (f", and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")
    return f"choose among: {shown}" if names else "none are defined"
