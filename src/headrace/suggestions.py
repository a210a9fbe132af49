"""The known name that a mistyped one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["nearest"]


def nearest(name: str, known: Iterable[str]) -> str:
    """A way out for a name that is not there: the names like it, or else the first few of all.

    >>> nearest("lable", ["image", "label"])
    "perhaps 'label' is meant"
    >>> nearest("zzz", ["image", "label"])
    'there are: image, label'
    """
    names = sorted(known)
    close = get_close_matches(name, names, n=3)
    if close:
        return f"perhaps {' or '.join(map(repr, close))} is meant"
    shown = ", ".join(names[:12]) + (f", and {len(names) - 12:,} more" if len(names) > 12 else "")
    return f"there are: {shown}" if names else "there is none at all"
