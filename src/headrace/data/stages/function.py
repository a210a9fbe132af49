"""The name by which a user's function is known in messages and saved states."""

from __future__ import annotations

from typing import Any

__all__ = ["function_name"]


def function_name(function: Any) -> str:
    """`function`'s qualified name, or its type's where it is a callable object.

    >>> function_name(len)
    'len'
    """
    return getattr(function, "__qualname__", type(function).__qualname__)
