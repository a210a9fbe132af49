"""Options that both comparisons have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["several"]


def several(choices: Iterable[str]) -> dict[str, Any]:
    """For `ArgumentParser.add_argument`: some of `choices`, by default all."""
    names = list(choices)
    return {
        "nargs": "+",
        "choices": names,
        "default": names,
        "metavar": "NAME",
        "help": f"of {', '.join(names)}",
    }
