"""Find functions and classes by their names."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

__all__ = ["is_found_by_name", "module_name", "type_name"]


def module_name(value: Any) -> str:
    """Return the name of the module that defines a function or class; empty if it has none."""
    name = getattr(value, "__module__", None)
    return name if isinstance(name, str) else ""


def type_name(kind: type) -> str:
    """Return the qualified name of a class with its module."""
    return f"{module_name(kind)}.{kind.__qualname__}"


def is_found_by_name(value: Any) -> bool:
    """Return whether a function or class is found in its module under its qualified name."""
    found: Any = sys.modules.get(module_name(value))
    for name in value.__qualname__.split("."):
        if not isinstance(found, ModuleType | type):
            return False
        found = vars(found).get(name)
    return getattr(found, "__func__", found) is value
