"""Command-line options that the suites share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["choose_subset"]


def choose_subset(choices: Iterable[str]) -> dict[str, Any]:
    """Return arguments of `ArgumentParser.add_argument` for a subset of `choices`, by default all."""
    names = list(choices)
    return {
        "nargs": "+",
        "choices": names,
        "default": names,
        "metavar": "NAME",
        "help": f"any of {', '.join(names)}",
    }
