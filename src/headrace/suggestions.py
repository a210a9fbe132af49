"""Suggestions for mistyped names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["find_similar", "list_names", "suggest"]

_SHOWN = 12
_SEPARATORS = re.compile(r"[\s_.-]+")


def find_similar(name: str, known: Iterable[str]) -> str | None:
    """Write a hint with the known names that are similar to an unknown one; None if no name is similar.

    Letter case and separators do not count: a name that differs in these only is the only suggestion.

    >>> find_similar("lable", ["image", "label"])
    "did you mean 'label'?"
    >>> find_similar("ResNet-50", ["resnet50", "resnet101"])
    "did you mean 'resnet50'?"
    """
    simple = {each: _SEPARATORS.sub("", each.casefold()) for each in sorted(known)}
    wanted = _SEPARATORS.sub("", name.casefold())
    close = [each for each, spelling in simple.items() if spelling == wanted]
    if not close:
        spellings = get_close_matches(wanted, dict.fromkeys(simple.values()), n=3)
        close = [each for found in spellings for each, spelling in simple.items() if spelling == found][:3]
    return f"did you mean {' or '.join(map(repr, close))}?" if close else None


def suggest(name: str, known: Iterable[str]) -> str:
    """Write a hint for an unknown name: the names similar to it, or else the first known names.

    >>> suggest("lable", ["image", "label"])
    "did you mean 'label'?"
    >>> suggest("zzz", ["image", "label"])
    'choose among: image, label'
    """
    names = sorted(known)
    similar = find_similar(name, names)
    if similar is not None:
        return similar
    return f"choose among: {list_names(names)}" if names else "none are defined"


def list_names(names: Iterable[str]) -> str:
    """List names for a message; of many, the first twelve and the number of the others.

    >>> list_names(["age", "city"])
    'age, city'
    """
    listed = list(names)
    rest = len(listed) - _SHOWN
    return ", ".join(listed[:_SHOWN]) + (f", and {rest:,} more" if rest > 0 else "")
